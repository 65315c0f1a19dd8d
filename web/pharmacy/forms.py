"""Forms of a pharmacist."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance.commands.certifying import APPLICATION
from compliance.models import Authorization
from patients import numbers
from patients.fields import PatientNumberField
from ui import times
from ui.fields import BirthDateField, DateField, EmailField
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.certification import YearlyForm
from web.shared.help import explain


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
        explain(self, days_supply=("days-supply",))
        number = self.fields["number"]
        # For the script that says at once what is mistyped: no try is lost, and no page is loaded.
        number.widget.attrs |= {
            "autofocus": True, "data-alphabet": numbers.ALPHABET, "data-mistyped": number.error_messages["invalid"],
        }  # fmt: skip


class ApplyAgainForm(YearlyForm):
    """The pharmacy's application, once more."""

    submit = _("Apply again")
    document_code = "pharmacy-attestation"
    records = APPLICATION


class HandOverForm(BaseForm):
    """The day on which the patient got the product. `late`: the authorization is expired or void by now.

    A form that has no such field, of an older page, means today; a field that was emptied means nothing.
    """

    _BEFORE: ClassVar[Words] = _("Change the day if the patient got it before today.")

    handed_over_on = DateField(label=_("Handed over today?"))

    def __init__(
        self, *args: Any, number: str, days_supply: int, today: date, late: bool = False, **kwargs: Any
    ) -> None:
        self._number, self._days_supply, self._today, self.late = number, days_supply, today, late
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

    @property
    def button(self) -> Words:
        """What pressing it records, and for whom."""
        words = ngettext(
            "Record hand-over to %(number)s, %(days)d day", "Record hand-over to %(number)s, %(days)d days",
            self._days_supply,
        )  # fmt: skip
        return words % {"number": numbers.pretty(self._number), "days": self._days_supply}


class BackInStockForm(BaseForm):
    """The products that are back in stock, each ticked."""

    back_in_stock = forms.ModelMultipleChoiceField(
        queryset=Authorization.objects.none(),
        error_messages={"required": _("Tick each product that is back in stock, then press the button.")},
    )

    def __init__(self, *args: Any, rows: QuerySet[Authorization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["back_in_stock"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = rows.order_by("dispense_by", "id")


class ColleagueForm(BaseForm):
    """An account for a colleague at the counter."""

    submit: ClassVar[Words] = _("Add the colleague")

    name = forms.CharField(label=_("Name"), max_length=120)
    email = EmailField(label=_("E-mail"))
