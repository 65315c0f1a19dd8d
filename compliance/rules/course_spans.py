"""The open course as spans of days, for a picture of it: each window with what became of it, the supply in hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from . import authorizations, days, windows
from .assessment import Assessment
from .days import Span
from .due_tests import supply_ends_on, test_due_on
from .editions import NoEdition
from .history import History
from .planner import SOON_DAYS
from .records import Dispensed


@dataclass(frozen=True, slots=True)
class CourseWindow:
    """A window of the course. `state`: `used` where a fill fell into it, `missed`, or `open`, also where replaced."""

    span: Span
    state: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """A fill of the course: the number of its record, the day on which the patient got it, and for how many days."""

    number: int
    on: date
    supply: int


def hand_overs(history: History) -> list[HandOver]:
    """The fills of the open course, in order."""
    facts = authorizations.all_of(history)
    return [
        HandOver(
            entry.number,
            windows.handed_over_on(history, entry, record),
            facts[record.authorization].record.days_supply,
        )
        for entry, record in history.in_course(Dispensed)
    ]


def course_windows(assessment: Assessment, earlier: Iterable[tuple[History, date]]) -> list[CourseWindow]:
    """Every window of the course, by its first day.

    The tests open windows anew after each hand-over. `earlier` has the history as it stood before each of them, with
    its day.
    """
    found = [*_before_each(earlier), *_now(assessment)]
    return sorted(dict.fromkeys(found), key=lambda one: (one.span.first, one.span.last))


def _before_each(earlier: Iterable[tuple[History, date]]) -> Iterator[CourseWindow]:
    for history, on in earlier:
        try:
            edition = history.program.edition_on(on)
        except NoEdition:
            continue
        if history.course is not None and history.course.category.tests:
            opened = windows.testing(history, edition).windows
            yield from _states(opened, on, used_on=on)


def _now(assessment: Assessment) -> Iterator[CourseWindow]:
    if assessment.testing is not None:
        yield from _states(assessment.testing.windows, assessment.day, used_on=None)


def _states(opened: tuple[Span, ...], on: date, *, used_on: date | None) -> Iterator[CourseWindow]:
    over = windows.missed(opened, on)
    for window in opened:
        used = used_on is not None and window.covers(used_on)
        yield CourseWindow(window, "used" if used else "missed" if window in over else "open")


def supplies(history: History) -> list[Span]:
    """The days for which each fill gave supply, up to the next one: what is left over of it is not counted."""
    fills = hand_overs(history)
    spans = []
    for place, fill in enumerate(fills):
        ends = [days.plus(fill.on, fill.supply), *(later.on for later in fills[place + 1 :])]
        if (last := days.plus(min(ends), -1)) >= fill.on:
            spans.append(Span(fill.on, last))
    return spans


def days_of_next_test(assessment: Assessment) -> Span | None:
    """The days ahead on which the next test is asked for; None where none is, or something else comes first.

    They end with the supply in hand, so that the next fill is there in time; without one, sooner is better.
    """
    due = test_due_on(assessment)
    if due is None:
        return None
    first, ends = max(due, assessment.day), supply_ends_on(assessment)
    last = days.plus(ends, -1) if ends is not None else None
    return Span(first, last if last is not None and last >= first else days.plus(first, SOON_DAYS - 1))
