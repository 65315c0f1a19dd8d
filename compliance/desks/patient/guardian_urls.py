"""Addresses of the guardian's pages."""

from django.urls import path

from . import views

app_name = "guardian"
urlpatterns = [
    path("", views.guardian_home, name="home"),
    path("<uuid:patient>/sign/<slug:document>/", views.guardian_sign, name="sign"),
]
