"""Addresses of sign-in and account. They come before allauth's, some of which they close or guard."""

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from django.urls import path, re_path

from . import mfa_views, sessions, views
from .other_reader import of_owner
from .theirs import asking, linked, once_a_key

#: Signing oneself up, changing one's address, signing in by a code or without a password.
CLOSED = (
    "account/signup/",
    "account/email/",
    "account/confirm-email/",
    "account/confirm-email/<path:key>/",
    "account/password/set/",
    "account/login/code/confirm/",
)

#: What writes among allauth's own pages, each with its name there: carried out once a key.
WRITING = (
    path("account/password/change/", once_a_key(account.password_change), name="account_change_password"),
    path("account/password/reset/", once_a_key(account.password_reset, asking), name="account_reset_password"),
    re_path(
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        once_a_key(of_owner(linked)(account.password_reset_from_key), linked), name="account_reset_password_from_key",
    ),
    path("account/2fa/totp/activate/", once_a_key(totp.activate_totp), name="mfa_activate_totp"),
    path(
        "account/2fa/recovery-codes/generate/", once_a_key(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("account/2fa/webauthn/add/", once_a_key(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("account/2fa/webauthn/keys/<int:pk>/edit/", once_a_key(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/sessions/", once_a_key(usersessions.list_usersessions), name="usersessions_list"),
)  # fmt: skip

urlpatterns = [
    path("", views.home, name="home"),
    path("account/stay/", sessions.stay, name="stay"),
    path("account/sessions/<int:session>/end/", sessions.end, name="end_session"),
    path("account/2fa/totp/deactivate/", mfa_views.remove_app, name="remove_app"),
    path("account/2fa/webauthn/keys/<int:pk>/remove/", mfa_views.remove_passkey, name="remove_passkey"),
    *(path(route, views.closed) for route in CLOSED),
    *WRITING,
]
