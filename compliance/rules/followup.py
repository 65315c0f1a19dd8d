"""The tests owed after treatment (rules, section 8)."""

from dataclasses import dataclass
from datetime import date

from . import days
from .categories import CAN
from .editions import Edition
from .history import History
from .records import CategoryChanged, Discontinued, Enrolled, Entry, PregnancyTest


@dataclass(frozen=True, slots=True)
class Owed:
    """A test that is owed, and the day from which it can be taken."""

    code: str
    due_on: date


def owed(history: History, edition: Edition) -> tuple[Owed, ...]:
    """The tests still owed after the latest discontinued course; none while a course is open."""
    ended = history.last_discontinued
    if history.course is not None or ended is None:
        return ()
    entry, record = ended
    last_dose = record.last_dose_on
    if last_dose is None or category_at_end(history, entry) != CAN:
        return ()
    month_later = days.plus(last_dose, edition.after_treatment_days)
    taken = [
        test.collected_on
        for _, test in history.of(PregnancyTest)
        if test.result != "indeterminate" and test.setting in edition.monthly
    ]
    owing = []
    if not any(last_dose <= on < month_later for on in taken):
        owing.append(Owed("end-of-treatment-test", last_dose))
    if not any(on >= month_later for on in taken):
        owing.append(Owed("month-after-test", month_later))
    return tuple(owing)


def category_at_end(history: History, ended: Entry) -> str:
    """The category of the course that the record `ended` discontinued."""
    category = ""
    for entry in history.entries:
        if entry is ended:
            return category
        if isinstance(entry.record, (Enrolled, CategoryChanged)):
            category = entry.record.category
    return category


def safe_from(history: History, edition: Edition) -> date | None:
    """The day on which contraception and the ban on blood donation end; None while a course is open or none ended."""
    ended: tuple[Entry, Discontinued] | None = history.last_discontinued
    if history.course is not None or ended is None or ended[1].last_dose_on is None:
        return None
    return days.plus(ended[1].last_dose_on, edition.after_treatment_days)
