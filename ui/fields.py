"""Form fields that pages of several roles use."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from . import times

#: How people in the United States write a date, and how machines do.
TYPED_FORMATS = ["%m/%d/%Y", "%Y-%m-%d", "%m-%d-%Y", "%m.%d.%Y"]


#: Said where a form comes without its key, or with one that was used for something else.
OUT_OF_DATE = _("This page was out of date. Please check it and send it again.")


class KeyField(forms.UUIDField):
    """The hidden key of one request. Kept over errors; a missing or spoilt one is replaced, and said so."""

    def __init__(self, **kwargs: Any) -> None:
        # No id: a page may hold several forms, and nothing refers to this field.
        kwargs.setdefault("widget", forms.HiddenInput(attrs={"id": False}))
        kwargs.setdefault("initial", uuid4)
        super().__init__(**kwargs)
        self.error_messages |= {"required": OUT_OF_DATE, "invalid": OUT_OF_DATE}

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is sent next: the key that came, or a new one where none came that is one."""
        try:
            return str(UUID(str(data)))
        except ValueError:
            return initial


class FoldedCheckboxes(forms.CheckboxSelectMultiple):
    """Many choices in named groups: each group is opened by a press, or stands open where something in it is ticked."""

    folds = True


class EmailField(forms.EmailField):
    """An e-mail address that is no longer than what is kept of one."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)


#: What nobody sees and what turns the order of letters round: one name could be made to look like another.
_HIDDEN = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069"
_IN_A_LINE, _IN_LINES = f"[{_HIDDEN}\t\r\n]", f"[{_HIDDEN}]"
_HIDDEN_LINE, _HIDDEN_LINES = re.compile(_IN_A_LINE), re.compile(_IN_LINES)


def show_everything(field: forms.Field) -> None:
    """Make a text field refuse characters that are not seen; only a field of several lines takes their breaks."""
    if not isinstance(field, forms.CharField) or isinstance(field, forms.UUIDField):
        return
    if isinstance(field.widget, forms.PasswordInput):
        return
    hidden = _HIDDEN_LINES if isinstance(field.widget, forms.Textarea) else _HIDDEN_LINE

    def refuse_hidden(text: str) -> None:
        if hidden.search(text):
            raise ValidationError(_("There is a character in it that cannot be seen. Please type it again."))

    field.validators.append(refuse_hidden)


#: A day further back than this is more often a slip of the year or the month than meant.
FAR_BACK_DAYS = 60
#: Who is younger, or older, than this is seldom treated: more often the year was mistyped.
USUAL_AGES = (12, 60)


@dataclass(frozen=True, slots=True)
class DayQuestion:
    """A day that is asked about once more, in words, and the box by which the reader says that it is right."""

    sentence: str
    label: str
    #: The box: its name in the form, and its value, which is that day: another day is asked about anew.
    name: str
    value: str
    answered: bool = False


class DateField(forms.DateField):
    """A plain date, chosen with the browser's own calendar, typed where it has none.

    A day that lies far back is asked about once more: `question`.
    """

    #: The question about the day that was typed, for the template. The form sets it.
    asked: DayQuestion | None = None

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs.setdefault("input_formats", TYPED_FORMATS)
        super().__init__(**kwargs)
        self.error_messages["invalid"] = _("Enter a date, for example 04/27/2026.")

    def question(self, day: date, today: date) -> str | None:
        """What is asked about that day; None where nothing is."""
        back = (today - day).days
        if back <= FAR_BACK_DAYS:
            return None
        return ngettext("%(count)d day ago. Right?", "%(count)d days ago. Right?", back) % {"count": back}


class BirthDateField(forms.DateField):
    """A date of birth, typed: quicker than a calendar when the year lies far back. Digits alone will do.

    With `asks_age` an unusual age is asked about once more: where a file gets its birth date, not where one is looked
    for.
    """

    #: As in a `DateField`.
    asked: DayQuestion | None = None

    def __init__(self, *, asks_age: bool = False, **kwargs: Any) -> None:
        self.asks_age = asks_age
        attrs = {"inputmode": "numeric", "maxlength": "10", "class": "input-short"}
        kwargs.setdefault("label", _("Date of birth"))
        kwargs.setdefault("help_text", _("Month, day, year: 04/27/2008"))
        kwargs.setdefault("widget", forms.DateInput(format="%m/%d/%Y", attrs=attrs))
        kwargs.setdefault("input_formats", TYPED_FORMATS)
        super().__init__(**kwargs)
        self.error_messages["invalid"] = _("Enter month, day and year, for example 04/27/2008.")

    def to_python(self, value: Any) -> date | None:
        """The date; eight digits are read as month, day, year."""
        if isinstance(value, str) and re.fullmatch(r"\d{8}", value.strip()):
            digits = value.strip()
            value = f"{digits[:2]}/{digits[2:4]}/{digits[4:]}"
        born = super().to_python(value)
        if born is not None and born.year < 1900:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return born

    def question(self, day: date, today: date) -> str | None:
        """What is asked about the age of one born on that day; None where nothing is."""
        if not self.asks_age:
            return None
        youngest, oldest = ((day.year + age, day.month, day.day) for age in USUAL_AGES)
        of_today = (today.year, today.month, today.day)
        if youngest <= of_today <= oldest or day > today:
            return None
        age = today.year - day.year - (of_today[1:] < (day.month, day.day))
        return ngettext("%(count)d year old. Right?", "%(count)d years old. Right?", age) % {"count": age}


def ask_about(
    field: DateField | BirthDateField, day: date, today: date, *, name: str, answer: object
) -> DayQuestion | None:
    """The question about that day, answered or not; None where it needs none."""
    sentence = field.question(day, today)
    if sentence is None:
        return None
    # Translators: how a day is written, in the letters of Django's `date` filter.
    label = gettext("Yes, %(day)s is right") % {"day": times.plain_day(day, gettext("M j, Y"))}
    return DayQuestion(sentence, label, name, day.isoformat(), answered=answer == day.isoformat())
