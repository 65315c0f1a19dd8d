"""allauth's forms in the manner of ours: a label above each field and nothing inside it, an error that says what to do.

They are allauth's own otherwise; templates draw them by the same parts as every other form.
"""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from ledger.clock import now
from ui.fields import show_everything

from . import allauth_private, failed_attempts, one_time_codes, rate_limits, recovery_letter
from .models import User
from .one_time_codes import Verdict
from .signature_credentials import MALFORMED


class _Plain:
    """No placeholders; our words for an empty field."""

    fields: dict[str, forms.Field]
    _errors: Any

    def full_clean(self) -> None:
        """Check everything, once: a wrong password or code counts as one try however often a page asks."""
        if self._errors is None:
            super().full_clean()  # type: ignore[misc]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.error_messages["required"] = _("Fill this in.")


#: No e-mail address is longer.
_LONGEST_LOGIN = 254


class SignIn(_Plain, account.LoginForm):  # type: ignore[misc]
    """E-mail address or user name, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        self.fields["login"] = forms.CharField(
            label=_("E-mail address or user name"), max_length=_LONGEST_LOGIN, widget=forms.TextInput(attrs=attrs)
        )
        self.fields["login"].error_messages["required"] = _("Fill this in.")
        show_everything(self.fields["login"])
        self.order_fields(["login", "password"])
        self.fields["password"].help_text = ""

    def user_credentials(self) -> dict[str, str]:
        """One of the two: an address has an @, a user name never. allauth would try an address as either."""
        login: str = self.cleaned_data["login"]
        return {"email" if "@" in login else "username": login, "password": self.cleaned_data["password"]}


class AskForLink(_Plain, account.ResetPasswordForm):  # type: ignore[misc]
    """The address to which a link goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")

    def clean_email(self) -> str:
        """Nobody looks here whether the address has an account: time would tell."""
        email: str = self.cleaned_data["email"]
        return email

    def save(self, request: HttpRequest, **_more: Any) -> str:
        """The letter is written by the worker."""
        email: str = self.cleaned_data["email"]
        recovery_letter.ask(email, at=now())
        return email


class NewPassword(_Plain, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, by the link."""


class ChangePassword(_Plain, account.ChangePasswordForm):  # type: ignore[misc]
    """The present password and a new one."""

    def clean_oldpassword(self) -> str:
        """The present one; a wrong one counts, delays and is logged like one at sign-in."""
        password: str = self.cleaned_data["oldpassword"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("enter_current_password")
        return password


class SamePerson(_Plain, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""


class _Once:
    """A code of an app is good once, and a late one costs no try: see `accounts.one_time_codes`."""

    user: User
    authenticator: Authenticator | None

    def clean_code(self) -> str:
        """The code, if it is good; a wrong one counts at the network address, as a wrong password does."""
        app = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.TOTP).first()
        usage = rate_limits.consume_sign_in(context.request, self.user.sign_in_name)
        if usage is None or failed_attempts.is_locked_out(self.user, context.request):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = self.cleaned_data["code"]  # type: ignore[attr-defined]
        verdict = one_time_codes.judge(app, code) if app is not None else Verdict.WRONG
        if verdict is Verdict.WRONG:
            # A recovery code, or none that is good: allauth knows, and counts.
            code = super().clean_code()  # type: ignore[misc]
        elif verdict is Verdict.RIGHT:
            allauth_private.check_rate_limit(self.user)()
            self.authenticator = app
        usage.rollback()
        if verdict is Verdict.LATE:
            raise forms.ValidationError(LATE)
        return code

    def save(self) -> None:
        """Come in. Two at once with one code: the second is shown the page again."""
        app, code = self.authenticator, self.cleaned_data["code"]  # type: ignore[attr-defined]
        if app is not None and app.type == Authenticator.Type.TOTP and not one_time_codes.use(app, code):
            messages.error(context.request, LATE)
            raise ImmediateHttpResponse(redirect(context.request.get_full_path()))
        super().save()  # type: ignore[misc]


#: What is said of a code that was used, or whose time is over.
LATE = _("This code is over. Enter the one that your app shows now.")


class Code(_Once, _Plain, mfa.AuthenticateForm):  # type: ignore[misc]
    """The second factor at sign-in."""


class SamePersonByCode(_Once, _Plain, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The second factor once more."""


class _Answer(forms.JSONField):
    """What a passkey answered. It is shown again to nobody, and brackets without end are no answer."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class _Answered(_Plain):
    """A form with a passkey's answer: what no passkey could have given is wrong, and no fault of ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = _Answer(widget=forms.HiddenInput())

    def full_clean(self) -> None:
        """Check everything; see `MALFORMED`."""
        try:
            super().full_clean()
        except MALFORMED:
            wrong = forms.ValidationError(_("This is not the answer of a passkey. Please try again."))
            self.add_error("credential", wrong)  # type: ignore[attr-defined]


class SignInByPasskey(_Answered, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey instead of address, password and code."""


class PasskeyAsCode(_Answered, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second factor at sign-in."""


class SamePersonByPasskey(_Answered, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The passkey once more."""


#: So many letters may a passkey's name have in its owner's list.
_LONGEST_NAME = 100


class NewPasskey(_Answered, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey, which opens the account by itself; the browser fills in what it answered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("Its name, for your own list"), required=False, max_length=_LONGEST_NAME
        )
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        show_everything(self.fields["name"])
        self.fields["passwordless"].widget = forms.HiddenInput()
        self.fields["passwordless"].initial = "on"


class RenamePasskey(_Plain, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """The name of a passkey in its owner's list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = self.fields["name"].label
        self.fields["name"] = forms.CharField(label=label, max_length=_LONGEST_NAME)
        show_everything(self.fields["name"])


class FirstCode(_Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""
