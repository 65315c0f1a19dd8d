"""The desks' addresses."""

from django.urls import include, path

urlpatterns = [
    path("", include("compliance.desks.door.urls")),
    path("prescriber/", include("compliance.desks.prescriber.urls")),
    path("patient/", include("compliance.desks.patient.urls")),
    path("guardian/", include("compliance.desks.patient.guardian_urls")),
    path("counter/", include("compliance.desks.pharmacy.urls")),
    path("papers/", include("compliance.desks.papers.urls")),
    path("office/", include("compliance.desks.office.urls")),
]
