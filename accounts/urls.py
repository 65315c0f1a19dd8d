"""The way from signing in to one's own desk. Stands before allauth's addresses, some of which it closes."""

from django.urls import path

from . import views

#: Signing oneself up, changing one's address, signing in by a code or without a password.
CLOSED = (
    "account/signup/",
    "account/email/",
    "account/confirm-email/",
    "account/confirm-email/<path:key>/",
    "account/password/set/",
    "account/login/code/confirm/",
)

urlpatterns = [path("", views.home, name="home"), *(path(route, views.closed) for route in CLOSED)]
