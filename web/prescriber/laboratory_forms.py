"""Laboratory values, typed or pasted; and the months in which they are due."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.commands.entries import EntryRefused
from compliance.rules.care.laboratory import (
    LAST_MONTH,
    TESTS,
    UNITS,
    LaboratoryPlanned,
    LaboratoryResult,
    Value,
    decimal,
)
from compliance.rules.care.laboratory_due import own_plan, planned_months, practice_months, results
from compliance.rules.care.pasted import read_lines
from compliance.rules.records import Record
from compliance.words.laboratory import TEST_LABELS, month_words, months_words
from ui.fields import DateField
from ui.navigation import Words
from web.shared.common import EntryForm, PatientContext

from .forms import radio
from .laboratory_charts import Chart, charts

_NOT_A_NUMBER = _("Enter a number, for example 34 or 2.1.")


class MeasuredWidget(forms.MultiWidget):
    """A number, its unit, and the laboratory's own upper limit, beside one another."""

    template_name = "prescriber/_measured.html"
    use_fieldset = False

    def __init__(self, test: str) -> None:
        label, units = {"test": TEST_LABELS[test]}, [(unit, unit) for unit in UNITS[test]]
        numeric = {"inputmode": "decimal", "autocomplete": "off", "maxlength": "12", "class": "form-control"}
        super().__init__((
            forms.TextInput(attrs=numeric),
            forms.Select(choices=units, attrs={"aria-label": gettext("Unit of %(test)s") % label,
                                               "class": "form-select"}),
            forms.TextInput(attrs=numeric | {"aria-label": gettext("Upper limit of %(test)s") % label,
                                             "placeholder": gettext("limit")}),
        ))  # fmt: skip

    def decompress(self, value: Value | None) -> list[str]:
        """A value by its parts."""
        return [value.number, value.unit, value.upper] if value is not None else ["", "", ""]

    def id_for_label(self, id_: str) -> str:
        """The number."""
        return f"{id_}_0" if id_ else id_


class MeasuredField(forms.MultiValueField):
    """One value of the laboratory; None where it is left empty."""

    def __init__(self, test: str) -> None:
        self.test = test
        units = forms.ChoiceField(choices=[(unit, unit) for unit in UNITS[test]], required=False)
        super().__init__(
            (forms.CharField(required=False, max_length=12), units, forms.CharField(required=False, max_length=12)),
            label=TEST_LABELS[test], widget=MeasuredWidget(test), required=False, require_all_fields=False,
        )  # fmt: skip

    def compress(self, data_list: Sequence[str]) -> Value | None:
        """The value of its parts, with a point in its numbers."""
        number, unit, upper = data_list or ("", "", "")
        if not number:
            if upper:
                raise ValidationError(_NOT_A_NUMBER)
            return None
        try:
            decimal(number), decimal(upper or "0")
        except ValueError:
            raise ValidationError(_NOT_A_NUMBER) from None
        return Value(number.strip().replace(",", "."), unit or next(iter(UNITS[self.test])), upper.replace(",", "."))


class LaboratoryForm(EntryForm):
    """The values of a day. What is pasted is put into the fields first, to be looked at before it is entered."""

    submit: ClassVar[Words] = _("Save the values")
    drawn_on = DateField(label=_("Drawn on"))
    fasting = radio(
        _("Fasting"), [("yes", _("Yes")), ("no", _("No")), ("", _("Not known"))], required=False, initial=""
    )
    pasted = forms.CharField(
        label=_("Paste from the report"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One value a line, for example: ALT 34 U/L. It is put into the fields below for you to check."),
    )  # fmt: skip

    #: Whether what was pasted stands in the fields now, and nobody has looked at it yet.
    was_pasted = False

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        self.fields["drawn_on"].initial = ctx.today
        for test in TESTS:
            self.fields[test] = MeasuredField(test)
            self._offer_unit(test)

    def _offer_unit(self, test: str) -> None:
        """The unit and the limit of the latest value of that test stand there already."""
        earlier = (record.value(test) for record in reversed(results(self.ctx.file.history(self.ctx.at))))
        last = next((value for value in earlier if value is not None), None)
        if last is not None:
            self.fields[test].initial = Value("", last.unit, last.upper)

    def clean(self) -> dict[str, Any]:
        """One value at least, typed or pasted; a limit alone is none."""
        data = super().clean() or {}
        if data.get("pasted"):
            self._put_into_fields(data["pasted"])
        elif not self.errors and not any(data.get(test) for test in TESTS):
            self.add_error(TESTS[0], _("Enter one value at least, or paste them."))
        return data

    def _put_into_fields(self, text: str) -> None:
        pasted = read_lines(text)
        sent: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, or a test's dict
        for test, value in pasted.values.items():
            typed = sent.get(self.add_prefix(f"{test}_0"))
            if typed and typed != value.number:
                self.add_error(test, _("Another value is pasted: %(value)s. Delete one of them.") % {
                    "value": f"{value.number} {value.unit}"})  # fmt: skip
                continue
            for place, part in enumerate((value.number, value.unit, value.upper)):
                sent[self.add_prefix(f"{test}_{place}")] = part
        sent[self.add_prefix("pasted")] = "\n".join(pasted.not_understood)
        self.data = sent
        self.was_pasted = bool(pasted.values)
        if pasted.not_understood:
            self.add_error("pasted", gettext("Not understood. Type these, or delete the lines."))

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors and not self.was_pasted and not self.was_sent_before and self.refusals:
            self.show(EntryRefused(self.refusals))

    @property
    def charts(self) -> list[Chart]:
        """The values that were entered before."""
        return charts(results(self.ctx.file.history(self.ctx.at)))

    @property
    def previewed(self) -> list[Record]:
        """Nothing before what was pasted is looked at."""
        return [] if self.was_pasted else super().previewed

    @property
    def is_just_told(self) -> bool:
        """Whether the template says in its own words why nothing is entered yet."""
        return self.was_pasted

    @property
    def waits(self) -> bool:
        """Whether what was pasted is still to be looked at."""
        return super().waits or self.was_pasted

    def records(self) -> list[Record]:
        """The result."""
        data = self.cleaned_data
        found = {test: data[test] for test in TESTS if data.get(test)}
        values = {
            test: {"number": value.number, "unit": value.unit} | ({"upper": value.upper} if value.upper else {})
            for test, value in found.items()
        }
        fasting = {"yes": True, "no": False}.get(data["fasting"])
        return [LaboratoryResult(data["drawn_on"], values, fasting)]


def months_field(label: Words) -> forms.TypedMultipleChoiceField:
    """The months in which values are due."""
    return forms.TypedMultipleChoiceField(
        label=label, coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(month, month) for month in range(LAST_MONTH + 1)],
        help_text=_("Choose none to draw them as needed."),
    )  # fmt: skip


def offer_months(form: forms.Form) -> None:
    """The months in words, in the language of the page."""
    field = form.fields["months"]
    assert isinstance(field, forms.TypedMultipleChoiceField)
    field.choices = [(month, month_words(month)) for month in range(LAST_MONTH + 1)]


#: Whose months a course goes by.
BY_PRACTICE, OWN = "practice", "own"


class LaboratoryPlanForm(EntryForm):
    """The months in which values are due: those of the practice, or others for this course."""

    submit: ClassVar[Words] = _("Save the plan")

    plan = radio(_("This course"), [])
    months = months_field(_("Its own months"))

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        history = ctx.file.history(ctx.at)
        offer_months(self)
        self.fields["months"].initial = list(planned_months(history))
        self.practice_months = practice_months(history)
        practice = gettext("goes by the schedule of the practice: %(months)s")
        plan = self.fields["plan"]
        assert isinstance(plan, forms.ChoiceField)
        plan.choices = [
            (BY_PRACTICE, practice % {"months": months_words(self.practice_months)}),
            (OWN, gettext("has its own months")),
        ]
        plan.initial = BY_PRACTICE if own_plan(history) is None else OWN

    def clean(self) -> dict[str, Any]:
        """Months that are ticked beside the practice's schedule are not lost without a word."""
        data = super().clean() or {}
        chosen = tuple(sorted(data.get("months") or ()))
        if data.get("plan") == BY_PRACTICE and chosen not in (
            self.practice_months,
            tuple(self.fields["months"].initial),
        ):
            self.add_error("plan", _("You changed the months below: choose “has its own months”."))
        return data

    def records(self) -> list[Record]:
        """The plan."""
        if self.cleaned_data["plan"] == BY_PRACTICE:
            return [LaboratoryPlanned(self.practice_months, by_practice=True)]
        return [LaboratoryPlanned(tuple(sorted(self.cleaned_data["months"])))]
