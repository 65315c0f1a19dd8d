"""The way from signing in to one's own desk."""

from django.urls import path

from . import views

urlpatterns = [path("", views.home, name="home")]
