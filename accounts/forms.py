"""allauth's forms in the manner of ours: a label above each field and nothing inside it, an error that says what to do.

They are allauth's own otherwise; templates draw them by the same parts as every other form.
"""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.utils.translation import gettext_lazy as _


class _Plain:
    """No placeholders; our words for an empty field."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.error_messages["required"] = _("Fill this in.")


class SignIn(_Plain, account.LoginForm):  # type: ignore[misc]
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        # A browser fills in an address together with a password where the address is the user name.
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""


class AskForLink(_Plain, account.ResetPasswordForm):  # type: ignore[misc]
    """The address to which a link goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")


class NewPassword(_Plain, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, by the link."""


class ChangePassword(_Plain, account.ChangePasswordForm):  # type: ignore[misc]
    """The present password and a new one."""


class SamePerson(_Plain, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""


class Code(_Plain, mfa.AuthenticateForm):  # type: ignore[misc]
    """The second factor at sign-in."""


class SamePersonByCode(_Plain, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The second factor once more."""


class FirstCode(_Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""
