"""What a pharmacist fills in."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.actions.certifying import TRAINING
from compliance.desks.certification import YearlyForm
from patients.fields import PatientNumberField
from ui.fields import BirthDateField, EmailField
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


class TrainingForm(YearlyForm):
    """The yearly training, attested."""

    document_code = "pharmacy-attestation"
    records = TRAINING


class ColleagueForm(BaseForm):
    """An account for a colleague at the counter."""

    submit: ClassVar[Words] = _("Add the colleague")

    name = forms.CharField(label=_("Name"), max_length=120)
    email = EmailField(label=_("E-mail"))
