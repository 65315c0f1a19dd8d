"""Addresses of the guardian's pages."""

from django.urls import path

from accounts.roles import GUARDIAN, for_roles

from . import signing, views

own = for_roles(GUARDIAN)

app_name = "guardian"
urlpatterns = [
    path("", views.guardian_home, name="home"),
    path("<uuid:patient>/sign/<slug:document>/", own(signing.overview), name="sign"),
    path("<uuid:patient>/sign/<slug:document>/no/", own(signing.refuse), name="refuse"),
    path("<uuid:patient>/sign/<slug:document>/<slug:language>/<int:section>/", own(signing.section), name="section"),
    path("<uuid:patient>/sign/<slug:document>/<slug:language>/signature/", own(signing.signature), name="signature"),
]
