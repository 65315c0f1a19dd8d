"""Addresses of the patient's desk."""

from django.urls import path

from . import views

app_name = "patient"
urlpatterns = [
    path("", views.home, name="home"),
    path("record/", views.record, name="record"),
    path("sign/<slug:document>/", views.sign, name="sign"),
    path("withdraw/<slug:document>/", views.withdraw, name="withdraw"),
    path("methods/", views.methods, name="methods"),
    path("questions/", views.questions, name="questions"),
    path("pregnant/", views.pregnant, name="pregnant"),
]
