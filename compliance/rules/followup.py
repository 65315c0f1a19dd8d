"""Follow-up of an ended course: tests owed (rules, section 8), and the gap before the next course (5.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from . import days
from .editions import Edition
from .history import History
from .records import PregnancyTest
from .shortfalls import Shortfall


@dataclass(frozen=True, slots=True)
class Owed:
    """A test that is owed, and the day from which it can be taken."""

    code: str
    due_on: date


def owed(history: History, edition: Edition) -> tuple[Owed, ...]:
    """The tests still owed after the latest discontinued course; none while a course is open."""
    last_dose = _last_dose(history)
    if last_dose is None or not history.ended[-1].category.tests:
        return ()
    taken = [test for _, test in history.of(PregnancyTest)]
    due = due_after(last_dose, edition)
    return tuple(one for one in due if all(any(not_settling(one, due, test, edition)) for test in taken))


def due_after(last_dose: date, edition: Edition) -> tuple[Owed, Owed]:
    """Both tests that a last dose makes due, whether they were taken or not."""
    month_later = days.plus(last_dose, edition.after_treatment_days)
    return Owed("end-of-treatment-test", last_dose), Owed("month-after-test", month_later)


def not_settling(owed: Owed, due: Sequence[Owed], test: PregnancyTest, edition: Edition) -> Iterator[Shortfall]:
    """Why a test is not the one that is owed, among those that are due; nothing where it is."""
    if test.result == "indeterminate":
        yield Shortfall("not-conclusive")
    if test.setting not in edition.monthly:
        yield Shortfall("setting-not-accepted")
    if test.collected_on < owed.due_on:
        yield Shortfall("before-due", owed.due_on)
    if any(owed.due_on < later.due_on <= test.collected_on for later in due):
        yield Shortfall("after-due")


def _last_dose(history: History) -> date | None:
    """The day of the last dose of the latest course that ended; None while one is open, or when none was taken."""
    ended = history.last_ended
    return ended.last_dose_on if ended is not None and history.course is None else None


def safe_from(history: History, edition: Edition) -> date | None:
    """The day on which contraception and the ban on blood donation end; None while a course is open or none ended."""
    last_dose = _last_dose(history)
    return days.plus(last_dose, edition.after_treatment_days) if last_dose is not None else None


def gap_over_on(history: History, edition: Edition) -> date | None:
    """The day from which a further course may be dispensed; None when no dose of an earlier one is known."""
    ended = [course for file in (history, *history.linked) for course in file.ended]
    doses = [course.last_dose_on for course in ended if course.last_dose_on is not None]
    return days.plus(max(doses), edition.between_courses_days) if doses else None
