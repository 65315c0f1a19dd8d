"""What a pharmacist fills in."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.fields import PatientNumberField
from ui.fields import BirthDateField
from ui.forms import BaseForm
from ui.navigation import Words


class CounterForm(BaseForm):
    """The one question of the counter."""

    submit: ClassVar[Words] = _("May I dispense?")

    number = PatientNumberField()
    born_on = BirthDateField()
    days_supply = forms.IntegerField(
        label=_("Days' supply"), min_value=1, initial=30, widget=forms.NumberInput(attrs={"class": "input-short"})
    )


class AttestForm(BaseForm):
    """Attest each item of a short document with the password."""

    submit: ClassVar[Words] = _("Attest")

    agreed = forms.BooleanField(label=_("I have read all of this, and I attest each point."))
    printed_name = forms.CharField(label=_("Your full name"), max_length=120)
    password = forms.CharField(label=_("Your password"), widget=forms.PasswordInput, strip=False)

    def __init__(self, *args: Any, signer: Any, **kwargs: Any) -> None:
        self.signer = signer
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """The password of the one who signs, now."""
        password: str = self.cleaned_data["password"]
        if not self.signer.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        return password


class ColleagueForm(BaseForm):
    """An account for a colleague at the counter."""

    submit: ClassVar[Words] = _("Add the colleague")

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"))
