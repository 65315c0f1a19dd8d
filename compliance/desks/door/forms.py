"""What is filled in before signing in."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from patients.fields import NpiField, PhoneField
from ui.fields import BirthDateField
from ui.forms import BaseForm
from ui.navigation import Words


class NewPassword(BaseForm):
    """A password for a new account."""

    about_self: ClassVar[bool] = True

    password1 = forms.CharField(
        label=_("Choose a password"),
        widget=forms.PasswordInput,
        strip=False,
        help_text=_("At least 12 characters. A few words in a row are easy to remember and hard to guess."),
    )

    def clean_password1(self) -> str:
        """Long enough, and not one of the common ones."""
        password: str = self.cleaned_data["password1"]
        validate_password(password)
        return password


class AcceptForm(NewPassword):
    """Accept an invitation."""

    submit: ClassVar[Words] = _("Open my account")
    field_order = ["born_on", "password1"]

    born_on = BirthDateField()

    def __init__(self, *args: Any, guardian: bool, signed_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if guardian:
            self.fields["born_on"].label = _("The patient's date of birth")
        if signed_in:
            del self.fields["password1"]


class ChoosePasswordForm(NewPassword):
    """Choose the password of an account that somebody opened."""

    submit: ClassVar[Words] = _("Save my password")


class _RegisterForm(NewPassword):
    """Who registers, where, and what they attest."""

    submit: ClassVar[Words] = _("Register")

    name = forms.CharField(label=_("Your full name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"))
    npi = NpiField()
    phone = PhoneField(required=False)
    address = forms.CharField(label=_("Address"), max_length=200)
    agreed = forms.BooleanField(label=_("I have read all of this, and I attest each point."))

    def clean_email(self) -> str:
        """An address without an account."""
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("This address cannot be used. Sign in instead, or use another one."))
        return email


class PracticeForm(_RegisterForm):
    """Register a practice."""

    field_order = ["practice_name", "npi", "address", "phone", "name", "email", "password1", "agreed"]

    practice_name = forms.CharField(label=_("Practice"), max_length=120)


class PharmacyForm(_RegisterForm):
    """Register a pharmacy."""

    field_order = ["pharmacy_name", "npi", "address", "phone", "name", "email", "password1", "agreed"]

    pharmacy_name = forms.CharField(label=_("Pharmacy"), max_length=120)
