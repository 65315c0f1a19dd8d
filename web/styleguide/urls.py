"""Addresses of the style guide."""

from django.urls import path

from . import views

app_name = "styleguide"
urlpatterns = [
    path("", views.page, name="index"),
    path("<slug:name>/", views.page, name="page"),
]
