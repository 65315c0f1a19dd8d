"""Addresses of the patient's desk."""

from django.urls import path

from accounts.roles import PATIENT, for_roles

from . import signing, views

own = for_roles(PATIENT)

app_name = "patient"
urlpatterns = [
    path("", views.home, name="home"),
    path("record/", views.record, name="record"),
    path("record/looks/", views.looks, name="looks"),
    path("sign/<slug:document>/", own(signing.overview), name="sign"),
    path("sign/<slug:document>/no/", own(signing.refuse), name="refuse"),
    path("sign/<slug:document>/<slug:language>/<int:section>/", own(signing.section), name="section"),
    path("sign/<slug:document>/<slug:language>/signature/", own(signing.signature), name="signature"),
    path("withdraw/<slug:document>/", views.withdraw, name="withdraw"),
    path("methods/", views.methods, name="methods"),
    path("questions/", views.questions, name="questions"),
    path("pregnant/", views.pregnant, name="pregnant"),
]
