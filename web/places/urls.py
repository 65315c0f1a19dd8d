"""Addresses for choosing a place."""

from django.urls import path

from . import views

app_name = "places"
urlpatterns = [path("account/place/", views.choose, name="choose")]
