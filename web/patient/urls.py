"""Addresses of the patient's pages."""

from django.urls import path

from accounts.roles import PATIENT, for_roles

from . import consent_views, views

own = for_roles(PATIENT)

app_name = "patient"
urlpatterns = [
    path("", views.home, name="home"),
    path("record/", views.record, name="record"),
    path("record/access-log/", views.access_log_page, name="access_log"),
    path("sign/<slug:document>/", own(consent_views.overview), name="sign"),
    path("sign/<slug:document>/no/", own(consent_views.refuse), name="refuse"),
    path("sign/<slug:document>/<slug:language>/<int:section>/", own(consent_views.section), name="section"),
    path("sign/<slug:document>/<slug:language>/signature/", own(consent_views.signature), name="signature"),
    path("withdraw/<slug:document>/", views.withdraw, name="withdraw"),
    path("methods/", views.methods, name="methods"),
    path("questions/", views.questions, name="questions"),
    path("pregnant/", views.pregnant, name="pregnant"),
    path("mistake/", views.mistake, name="mistake"),
]
