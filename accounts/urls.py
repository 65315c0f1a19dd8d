"""The way from signing in to one's own desk. Stands before allauth's addresses, some of which it closes or guards."""

from django.urls import path

from . import factors, sessions, views

#: Signing oneself up, changing one's address, signing in by a code or without a password.
CLOSED = (
    "account/signup/",
    "account/email/",
    "account/confirm-email/",
    "account/confirm-email/<path:key>/",
    "account/password/set/",
    "account/login/code/confirm/",
)

urlpatterns = [
    path("", views.home, name="home"),
    path("account/stay/", sessions.stay, name="stay"),
    path("account/sessions/<int:session>/end/", sessions.end, name="end_session"),
    path("account/2fa/totp/deactivate/", factors.remove_app, name="remove_app"),
    path("account/2fa/webauthn/keys/<int:pk>/remove/", factors.remove_passkey, name="remove_passkey"),
    *(path(route, views.closed) for route in CLOSED),
]
