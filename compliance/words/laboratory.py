"""Laboratory values in words: tests, what is advised, and results in a line."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.rules.care.laboratory import TESTS, LaboratoryPlanned, LaboratoryResult, decimal
from compliance.words.dose import number
from ui import times
from ui.navigation import Words

TEST_LABELS: dict[str, Words] = {
    "alt": gettext_lazy("ALT"),
    "ast": gettext_lazy("AST"),
    "triglycerides": gettext_lazy("Triglycerides"),
    "cholesterol": gettext_lazy("Total cholesterol"),
    "ck": gettext_lazy("CK"),
}

#: What is advised, by code.
ADVICE: dict[str, Words] = {
    "triglycerides-pancreatitis": gettext_lazy(
        "Above 800 mg/dL: danger of acute pancreatitis. Stop the medicine if they cannot be brought down, and at once "
        "at signs of pancreatitis."
    ),
    "triglycerides-high": gettext_lazy(
        "Clearly raised. Lower them (weight, fat, alcohol, the dose), and check again soon."
    ),
    "triglycerides-raised": gettext_lazy("Raised. Less fat and alcohol; check again."),
    "not-fasting": gettext_lazy("Not known to be fasting: draw them again after a fast."),
    "liver-three-times": gettext_lazy(
        "Three times the upper limit or more. Stop the medicine, and look for the cause."
    ),
    "liver-raised": gettext_lazy(
        "Raised. Check again: it often settles by itself or with a lower dose. If it does not, or hepatitis is "
        "suspected, stop the medicine."
    ),
    "cholesterol-raised": gettext_lazy("Raised. Check again with the next values."),
    "ck-five-times": gettext_lazy(
        "Five times the upper limit or more. Ask about muscle pain and dark urine; rest, and check again soon."
    ),
    "ck-raised": gettext_lazy("Raised. Hard exercise does it too: ask, and check again."),
    "doubled": gettext_lazy("Twice the patient’s own baseline or more."),
}


def result_words(record: LaboratoryResult) -> str:
    """A result in one line."""
    parts = [
        f"{TEST_LABELS[test]} {number(decimal(value.number))} {value.unit}"
        for test in TESTS
        if (value := record.value(test)) is not None
    ]
    if record.fasting is not None:
        parts.append(_("fasting") if record.fasting else _("not fasting"))
    # Translators: how a day is written, in the letters of Django's `date` filter.
    return " · ".join([times.plain_day(record.drawn_on, _("M j, Y")), *parts])


def month_words(month: int) -> str:
    """A month of the plan."""
    return _("Before the first dose") if month == 0 else _("Month %(number)s") % {"number": month}


def months_words(months: Iterable[int]) -> str:
    """Months in one line."""
    return ", ".join(month_words(month) for month in months) or _("as needed")


def plan_words(record: LaboratoryPlanned) -> str:
    """The months of the plan in one line."""
    months = months_words(record.months)
    return _("by the schedule of the practice: %(months)s") % {"months": months} if record.by_practice else months
