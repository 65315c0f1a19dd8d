"""When laboratory values are due: by the plan of the course, or else the practice's schedule, or else the default.

Source: prescribing information (before the first dose, then until the response is known); the months are assumed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from .. import days, windows
from ..assessment import Assessment
from ..blockers import PRESCRIBER
from ..history import History
from ..notice import Notice, is_stopped, midnight, to_each
from ..records import Dispensed
from .laboratory import DEFAULT_MONTHS, LaboratoryPlanned, LaboratoryResult

#: A month of the course, counted from the first fill.
MONTH_DAYS = 30
#: Values that were drawn so many days before they are due will do; before the course, so many before the enrolment.
EARLY_DAYS, BASELINE_DAYS = 14, 90
#: For so long the practice is reminded.
_ASKED_FOR_DAYS = 30


@dataclass(frozen=True, slots=True)
class LaboratoryDue:
    """Values that are due: in which month of the course, and on which day."""

    month: int
    on: date


def own_plan(history: History) -> LaboratoryPlanned | None:
    """The plan of this course alone; None where it goes by the practice's schedule."""
    planned = history.in_course(LaboratoryPlanned)
    return planned[-1][1] if planned and not planned[-1][1].by_practice else None


def practice_months(history: History) -> tuple[int, ...]:
    """The months of the practice's schedule."""
    return DEFAULT_MONTHS if history.laboratory_months is None else history.laboratory_months


def planned_months(history: History) -> tuple[int, ...]:
    """The months of this course in which values are due."""
    own = own_plan(history)
    return practice_months(history) if own is None else own.months


def results(history: History) -> list[LaboratoryResult]:
    """Every result, in the order in which they were entered."""
    return [record for _entry, record in history.of(LaboratoryResult)]


def next_laboratory(history: History) -> LaboratoryDue | None:
    """The first that is planned in the open course and was not drawn; None where none is, or its day is not known."""
    return next(_not_drawn(history), None)


def _not_drawn(history: History) -> Iterator[LaboratoryDue]:
    """Each that is planned in the open course, has a day and was not drawn."""
    if history.course is None or history.enrolled_on is None:
        return
    drawn = [record.drawn_on for record in results(history)]
    for month in planned_months(history):
        on = _due_on(history, history.enrolled_on, month)
        if on is None:
            return
        if not any(day >= days.plus(on, -(EARLY_DAYS if month else BASELINE_DAYS)) for day in drawn):
            yield LaboratoryDue(month, on)


def _due_on(history: History, enrolled_on: date, month: int) -> date | None:
    """The day of a month: of the enrolment, or so many months after the first fill."""
    if month == 0:
        return enrolled_on
    fills = [windows.handed_over_on(history, entry, record) for entry, record in history.in_course(Dispensed)]
    return days.plus(min(fills), MONTH_DAYS * month) if fills else None


def laboratory_due(assessment: Assessment) -> Iterator[Notice]:
    """Values are due. Only where the practice keeps them here: it set a schedule, or a value, or a plan, was entered in
    the course. Values that nobody entered keep nobody from hearing of the next ones.
    """
    history = assessment.history
    entered = bool(history.in_course(LaboratoryResult)) or bool(history.in_course(LaboratoryPlanned))
    if history.course is None or is_stopped(assessment) or not (entered or history.laboratory_months is not None):
        return
    for due in _not_drawn(history):
        due_at, until = midnight(assessment, due.on), midnight(assessment, days.plus(due.on, _ASKED_FOR_DAYS))
        occasion = f"laboratory-due:{history.course.opened.number}:{due.month}"
        yield from to_each([PRESCRIBER], "laboratory-due", occasion, due_at, until)
