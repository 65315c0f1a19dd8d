"""Forms before sign-in."""

from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from compliance.documents import Document, Item
from compliance.signatures import ATTEST
from compliance.words.choices import MEANING
from patients.fields import NpiField, PhoneField
from ui.fields import BirthDateField, EmailField
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.signature_forms import DisplayedTextField, check_displayed, fields_above, points, with_boxes


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
        return {name: self.cleaned_data[name] for name in ("name", "email") if name in self.cleaned_data}


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


class SetPasswordForm(NewPasswordForm):
    """Choose the password of an account that somebody opened."""

    submit: ClassVar[Words] = _("Save my password")


#: The same words for either, so that the address of an account is not told from an NPI that is taken.
IN_USE = _("This NPI or this address is in use already. Sign in, or ask the program office.")


class _RegisterForm(NewPasswordForm):
    """Who registers, where, and what they attest."""

    submit: ClassVar[Words] = _("Register")

    name = forms.CharField(label=_("Your full name"), max_length=120)
    email = EmailField(label=_("E-mail"))
    npi = NpiField()
    phone = PhoneField(required=False)
    address = forms.CharField(label=_("Address"), max_length=200)
    printed_name = forms.CharField(label=_("Print your full name"), max_length=120)
    displayed_sha256 = DisplayedTextField()

    #: There is no account yet, and no passkey.
    with_passkey: ClassVar[bool] = False

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        self.document = document
        super().__init__(*args, **kwargs)
        self.fields["displayed_sha256"].initial = document.sha256
        self.fields = with_boxes(self.fields, document)

    @cached_property
    def helper(self) -> FormHelper:
        """What `{% crispy form %}` draws by: who registers, then the text and the signature."""
        helper = super().helper
        helper.template = "components/signed_form.html"
        return helper

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The fields above the text."""
        return fields_above(self, self.document)

    @property
    def signature_fields(self) -> list[forms.BoundField]:
        """The fields of the signature. Its address and password are chosen above, in this very form."""
        return [self["printed_name"]]

    @property
    def points(self) -> list[tuple[Item, forms.BoundField]]:
        """What is attested, point by point."""
        return points(self, self.document)

    @property
    def meaning_words(self) -> Words:
        """What the signature means."""
        return MEANING[ATTEST]

    def clean_displayed_sha256(self) -> str:
        """A text that was replaced is read before it is attested."""
        return check_displayed(self.cleaned_data["displayed_sha256"], self.document)


class PracticeForm(_RegisterForm):
    """Register a practice."""

    field_order = ["practice_name", "npi", "address", "phone", "name", "email", "password1", "printed_name"]

    practice_name = forms.CharField(label=_("Practice"), max_length=120)


class PharmacyForm(_RegisterForm):
    """Register a pharmacy."""

    field_order = ["pharmacy_name", "npi", "address", "phone", "name", "email", "password1", "printed_name"]

    pharmacy_name = forms.CharField(label=_("Pharmacy"), max_length=120)
