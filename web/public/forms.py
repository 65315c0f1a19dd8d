"""Forms before sign-in."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.fields import UserNameField
from accounts.models import User
from accounts.roles import PHARMACIST, PRESCRIBER
from compliance.commands.registering import Applicant
from patients.fields import NpiField, PhoneField
from ui.fields import BirthDateField, EmailField
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.signed_text_forms import SignedTextForm


class NewPasswordForm(BaseForm):
    """A password for a new account."""

    about_self: ClassVar[bool] = True
    #: Whose password it is: a name and an address, which it must not be made of.
    owner: User | None = None

    password1 = forms.CharField(
        label=_("Choose a password"),
        widget=forms.PasswordInput,
        strip=False,
        help_text=_("At least 15 characters. A few words in a row are easy to remember and hard to guess."),
    )

    def clean_password1(self) -> str:
        """Long enough, not one of the common ones, and not of its owner's own words."""
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.owner or User(**self._typed()))
        return password

    def _typed(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("name",) if name in self.cleaned_data}


class AcceptForm(NewPasswordForm):
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


class LetterForm(BaseForm):
    """The code of a letter, and the birth date beside it."""

    about_self: ClassVar[bool] = True
    submit: ClassVar[Words] = _("Go on")

    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        help_text=_("Three groups of four, as printed. Capitals do not matter."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    born_on = BirthDateField(label=_("The patient’s date of birth"))


class LetterAccountForm(NewPasswordForm):
    """By what somebody signs in who has no e-mail address: a user name and a password, or a new password alone."""

    submit: ClassVar[Words] = _("Open my account")
    field_order = ["user_name", "password1"]

    user_name = UserNameField()

    def __init__(self, *args: Any, person: str, known: str, **kwargs: Any) -> None:
        self.known = known
        super().__init__(*args, **kwargs)
        self.owner = User(name=person, user_name=known)
        if known:
            del self.fields["user_name"]

    def clean_user_name(self) -> str:
        """The password is cleaned after it, and not made of it."""
        name: str = self.cleaned_data["user_name"]
        self.owner = User(name=self.owner.name if self.owner else "", user_name=name)
        return name


class SetPasswordForm(NewPasswordForm):
    """Choose the password of an account that somebody opened."""

    submit: ClassVar[Words] = _("Save my password")


class JoinForm(BaseForm):
    """Take the place that somebody opened, with the account that one is signed in to."""

    submit: ClassVar[Words] = _("Add this place to my account")


#: The same words for either, so that the address of an account is not told from an NPI that is taken.
IN_USE = _("This NPI or this address is in use already. Sign in, or ask the program office.")


class RegistrationAddressForm(BaseForm):
    """The address to which the link to a registration goes."""

    about_self: ClassVar[bool] = True
    submit: ClassVar[Words] = _("Send me the link")

    email = EmailField(label=_("Your e-mail address"))


class RegistrationForm(NewPasswordForm, SignedTextForm):
    """Register a place: who registers it, where it is, and what they attest.

    There is no account yet, and so neither credentials nor a passkey: its password is chosen here. Its address is the
    one to which the link went that leads here.
    """

    submit: ClassVar[Words] = _("Register")
    title: ClassVar[Words]
    role: ClassVar[str]
    #: The field with the name of the place.
    place_field: ClassVar[str]

    name = forms.CharField(label=_("Your full name"), max_length=120)
    npi = NpiField()
    phone = PhoneField(required=False)
    address = forms.CharField(label=_("Address"), max_length=200)

    def __init__(self, *args: Any, at: datetime, email: str, **kwargs: Any) -> None:
        self.at, self.email = at, email
        order = [self.place_field, "npi", "address", "phone", "name", "password1"]
        super().__init__(*args, field_order=order, **kwargs)

    def _typed(self) -> dict[str, str]:
        return super()._typed() | {"email": self.email}

    @property
    def printed_name(self) -> str:
        """The name that the account gets."""
        name: str = self.cleaned_data["name"]
        return name.strip()

    @property
    def signed_at(self) -> datetime:
        """The instant of the request."""
        return self.at

    @property
    def applicant(self) -> Applicant:
        """Who registers, of this valid form."""
        data = self.cleaned_data
        return Applicant(
            name=data["name"], email=self.email, password=data["password1"], place=data[self.place_field],
            npi=data["npi"], phone=data["phone"], address=data["address"],
        )  # fmt: skip


class PracticeForm(RegistrationForm):
    """Register a practice."""

    title: ClassVar[Words] = _("Register a practice")
    role: ClassVar[str] = PRESCRIBER
    place_field: ClassVar[str] = "practice_name"
    document_code = "prescriber-attestation"

    practice_name = forms.CharField(label=_("Practice"), max_length=120)


class PharmacyForm(RegistrationForm):
    """Register a pharmacy."""

    title: ClassVar[Words] = _("Register a pharmacy")
    role: ClassVar[str] = PHARMACIST
    place_field: ClassVar[str] = "pharmacy_name"
    document_code = "pharmacy-attestation"

    pharmacy_name = forms.CharField(label=_("Pharmacy"), max_length=120)
