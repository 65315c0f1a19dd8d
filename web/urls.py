"""Addresses of the pages, by kind of reader."""

from django.urls import include, path

urlpatterns = [
    path("", include("web.public.urls")),
    path("account/", include("web.own_account.urls")),
    path("", include("web.places.urls")),
    path("prescriber/", include("web.prescriber.urls")),
    path("calendar/", include("web.calendar.urls")),
    path("patient/", include("web.patient.urls")),
    path("guardian/", include("web.guardian.urls")),
    path("counter/", include("web.pharmacy.urls")),
    path("documents/", include("web.documents.urls")),
    path("survey/", include("web.surveys.urls")),
    path("office/", include("web.office.urls")),
    path("styleguide/", include("web.styleguide.urls")),
]
