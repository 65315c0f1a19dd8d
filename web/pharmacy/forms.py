"""Forms of a pharmacist."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.commands.certifying import APPLICATION, TRAINING
from patients import numbers
from patients.fields import PatientNumberField
from ui import times
from ui.fields import BirthDateField, DateField, EmailField
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.certification import YearlyForm


class CounterForm(BaseForm):
    """The one question of the counter."""

    submit: ClassVar[Words] = _("May I dispense?")

    number = PatientNumberField(help_text=_("Scan the patient's card, or type it: eight letters and digits."))
    born_on = BirthDateField()
    days_supply = forms.IntegerField(
        label=_("Days' supply"),
        min_value=1,
        # What is too many, the rules say; this only keeps a slip of the keyboard out of the log.
        max_value=999,
        widget=forms.NumberInput(attrs={"class": "input-short"}),
        error_messages={"max_value": _("Enter the days of one supply, in at most three digits.")},
    )

    def __init__(self, *args: Any, largest_supply: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days_supply"].initial = largest_supply
        number = self.fields["number"]
        # For the script that says at once what is mistyped: no try is lost, and no page is loaded.
        number.widget.attrs |= {
            "autofocus": True, "data-alphabet": numbers.ALPHABET, "data-mistyped": number.error_messages["invalid"],
        }  # fmt: skip


class TrainingForm(YearlyForm):
    """The yearly training, attested."""

    document_code = "pharmacy-attestation"
    records = TRAINING


class ApplyAgainForm(YearlyForm):
    """The pharmacy's application, once more."""

    submit = _("Apply again")
    document_code = "pharmacy-attestation"
    records = APPLICATION


class HandOverForm(BaseForm):
    """The day on which the patient got the product. `late`: the authorization is expired or void by now.

    A form that has no such field, of an older page, means today; a field that was emptied means nothing.
    """

    submit: ClassVar[Words] = _("Handed over: record it")

    _BEFORE: ClassVar[Words] = _("Change the day if the patient got it before today.")

    handed_over_on = DateField(label=_("Handed over today?"))

    def __init__(self, *args: Any, today: date, late: bool = False, **kwargs: Any) -> None:
        self._today = today
        super().__init__(*args, **kwargs)
        field = self.fields["handed_over_on"]
        field.required = late or not self.is_bound or self.add_prefix("handed_over_on") in self.data
        field.widget.attrs["max"] = today.isoformat()
        if late:
            field.label = _("It was handed over on")
            field.help_text = _("The day on which the patient got it, while the authorization was valid.")
        else:
            field.initial = today
            field.help_text = f"{times.today_note()} {self._BEFORE}".strip()

    @property
    def today(self) -> date:
        """The day of the request."""
        return self._today


class ColleagueForm(BaseForm):
    """An account for a colleague at the counter."""

    submit: ClassVar[Words] = _("Add the colleague")

    name = forms.CharField(label=_("Name"), max_length=120)
    email = EmailField(label=_("E-mail"))
