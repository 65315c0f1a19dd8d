"""Which laboratory values are due next: by the plan of the course, the practice's schedule, or the default."""

from dataclasses import replace

import pytest

from compliance.rules.care.laboratory import LaboratoryPlanned, LaboratoryResult
from compliance.rules.care.laboratory_due import (
    LaboratoryDue,
    next_laboratory,
    own_plan,
    planned_months,
    practice_months,
)
from compliance.rules.records import Authorized, Discontinued, Dispensed, Enrolled, Record
from tests.histories import CAN, HistoryFactory

OWN, OTHER = LaboratoryPlanned((0, 1)), LaboratoryPlanned((3,))
BY_PRACTICE = LaboratoryPlanned((0, 2), True)

#: Plans in the order in which they are entered: which of them is the course's own.
PLANS: dict[str, tuple[list[Record], LaboratoryPlanned | None]] = {
    "none": ([], None),
    "its own": ([OWN], OWN),
    "its own, twice: the latest": ([OWN, OTHER], OTHER),
    "the practice's again": ([OWN, BY_PRACTICE], None),
    "its own after the practice's": ([BY_PRACTICE, OWN], OWN),
    "as needed": ([LaboratoryPlanned(())], LaboratoryPlanned(())),
    "the course is over": ([OWN, Discontinued("r")], None),
    "of an earlier course": ([OWN, Discontinued("r"), Enrolled(CAN)], None),
}


@pytest.mark.parametrize(("records", "own"), PLANS.values(), ids=PLANS.keys())
def test_latest_plan_of_the_course_is_its_own_unless_it_goes_by_the_practice(
    records: list[Record], own: LaboratoryPlanned | None
) -> None:
    made = HistoryFactory().begun()
    for day, record in enumerate(records, 1):
        made.enter(day, record)
    history = made.ask(20).history
    assert own_plan(history) == own
    assert planned_months(history) == (own.months if own is not None else (0, 2))


@pytest.mark.parametrize(("schedule", "months"), [(None, (0, 2)), ((), ()), ((0, 1, 3), (0, 1, 3))], ids=str)
def test_practice_has_the_default_until_it_sets_a_schedule(
    schedule: tuple[int, ...] | None, months: tuple[int, ...]
) -> None:
    history = replace(HistoryFactory().begun().ask(5).history, laboratory_months=schedule)
    assert practice_months(history) == planned_months(history) == months


def drawn(day: int) -> LaboratoryResult:
    return LaboratoryResult(HistoryFactory().on(day), {"alt": {"number": "30", "unit": "U/L"}})


#: On which days fills are handed over, and what is entered on day 80: the month that is due on day 81, and its day.
NEXT: dict[str, tuple[tuple[int, ...], list[Record], tuple[int, int] | None]] = {
    "nothing was drawn": ((31,), [], (0, 0)),
    "drawn 90 days before the enrolment": ((31,), [drawn(-90)], (2, 91)),
    "drawn a day too early for that": ((31,), [drawn(-91)], (0, 0)),
    "two fills: from the first": ((31, 61), [drawn(0)], (2, 91)),
    "drawn 14 days before month 2": ((31,), [drawn(0), drawn(77)], None),
    "drawn 15 days before month 2": ((31,), [drawn(0), drawn(76)], (2, 91)),
    "drawn once, in time for both": ((31,), [drawn(79)], None),
    "no fill, so that no day is known": ((), [drawn(0)], None),
    "no fill, and month 2 alone is planned": ((), [LaboratoryPlanned((2,))], None),
    "as needed": ((31,), [LaboratoryPlanned(())], None),
    "a month of its own": ((31,), [drawn(50), LaboratoryPlanned((0, 1, 4))], (4, 151)),
    "a month of its own that was not drawn": ((31,), [drawn(0), LaboratoryPlanned((0, 1, 4)), drawn(46)], (1, 61)),
    "the course is over": ((31,), [Discontinued("r")], None),
}


@pytest.mark.parametrize(("fills", "entered", "due"), NEXT.values(), ids=NEXT.keys())
def test_next_values_are_the_first_that_are_planned_and_were_not_drawn(
    fills: tuple[int, ...], entered: list[Record], due: tuple[int, int] | None
) -> None:
    made = HistoryFactory().begun()
    for day in fills:
        made.enter(day, Authorized(f"A{day}", "p", 30, made.on(day + 6)), Dispensed(f"A{day}"))
    history = made.enter(80, *entered).ask(81).history
    assert next_laboratory(history) == (LaboratoryDue(due[0], made.on(due[1])) if due is not None else None)


def test_nothing_is_due_before_the_first_course() -> None:
    made = HistoryFactory()
    made.entries = made.entries[:1]
    assert next_laboratory(made.ask(1).history) is None
