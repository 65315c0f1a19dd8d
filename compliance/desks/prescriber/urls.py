"""Addresses of the prescriber's desk."""

from django.urls import path

from . import views

app_name = "prescriber"
urlpatterns = [
    path("", views.home, name="home"),
    path("enrol/", views.enrol, name="enrol"),
    path("practice/", views.practice, name="practice"),
    path("patients/<uuid:patient>/", views.patient, name="patient"),
    path("patients/<uuid:patient>/invite/", views.invite, name="invite"),
    path("patients/<uuid:patient>/invite/<uuid:guardian>/", views.invite, name="invite_guardian"),
    path("patients/<uuid:patient>/strike/<int:number>/", views.strike, name="strike"),
    path("patients/<uuid:patient>/<slug:slug>/", views.entry, name="entry"),
]
