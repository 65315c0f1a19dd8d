"""The Medication Guide is opened once for each fill, and offered from when the patient's part of the month counts."""

from collections.abc import Callable
from datetime import date

import pytest

from compliance.rules.care.guide import GuideOpened
from compliance.rules.care.guide_of_fill import is_offered, opened_for_fill
from compliance.rules.entries import refusal
from compliance.rules.records import Authorized, Counselled, Discontinued, Dispensed, Enrolled, PregnancyReported
from tests.histories import CAN, CANNOT, HistoryFactory

START = date(2026, 10, 1)
GUIDE = GuideOpened(3, "en", "0" * 64)

Make = Callable[[], HistoryFactory]


def begun() -> HistoryFactory:
    return HistoryFactory(START).begun()


def ready() -> HistoryFactory:
    return begun().month(31)


def filled() -> HistoryFactory:
    return ready().enter(32, Authorized("1", "P", 30, date(2026, 11, 7)), Dispensed("1"))


def untested() -> HistoryFactory:
    return HistoryFactory(START, category=CANNOT).sign()


#: A history, the day, which opening counts (from the end: 1 is the last record), whether it is offered.
CASES: dict[str, tuple[Make, float, int | None, bool]] = {
    "the waiting time runs": (begun, 10, None, False),
    "a window is open": (lambda: begun().test(31, menses="first_five_days"), 31.1, None, True),
    "everything is done, and it was not opened": (ready, 31.1, None, True),
    "it was opened": (lambda: ready().enter(31.1, GUIDE), 31.2, 1, True),
    "opened twice: the later one counts": (lambda: ready().enter(31.1, GUIDE, GUIDE), 31.2, 1, True),
    "opened before the window": (lambda: begun().enter(3, GUIDE).month(31), 31.1, 6, True),
    "opened, then filled": (
        lambda: ready().enter(31.1, GUIDE).enter(32, Authorized("1", "P", 30, date(2026, 11, 7)), Dispensed("1")),
        33, None, False),
    "filled and opened at one instant": (lambda: filled().enter(32, GUIDE), 33, 1, False),
    "opened for the first fill and for the second": (
        lambda: ready().enter(31.1, GUIDE).enter(32, Authorized("1", "P", 30, date(2026, 11, 7)), Dispensed("1"))
        .enter(40, GUIDE), 41, 1, False),
    "opened between two fills": (
        lambda: filled().enter(40, GUIDE).month(61).enter(
            62, Authorized("2", "P", 30, date(2026, 12, 7)), Dispensed("2")), 63, None, False),
    "filled, and no test yet": (filled, 40, None, False),
    "filled, and the next test taken": (lambda: filled().test(55), 55.1, None, True),
    "the window is missed": (ready, 38.1, None, False),
    "a stop is open": (lambda: ready().enter(31.1, PregnancyReported()), 31.2, None, False),
    "a stop is open, though a test after it opens a window": (
        lambda: filled().enter(40, PregnancyReported()).test(57, menses="first_five_days"), 57.1, None, False),
    "the course has ended": (lambda: ready().enter(31.1, GUIDE, Discontinued("r")), 31.2, None, False),
    "another course begins": (
        lambda: ready().enter(31.1, GUIDE, Discontinued("r")).enter(40, Enrolled(CAN)), 40.1, None, False),
    "never tested, to be counselled": (untested, 1, None, True),
    "never tested, ready": (lambda: untested().enter(1, Counselled(START)), 2, None, True),
    "never tested, authorized": (
        lambda: untested().enter(1, Counselled(START)).enter(2, Authorized("1", "P", 30, date(2026, 10, 8))),
        3, None, True),
    "never tested, the visit's window is over": (lambda: untested().enter(0, Counselled(START)), 31, None, False),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_guide_is_offered_and_counts_for_one_fill(name: str) -> None:
    make, day, opening, offered = CASES[name]
    made = make()
    assessment = made.ask(day)
    found = opened_for_fill(assessment.history)
    assert (found.number if found else None) == (len(made.entries) + 1 - opening if opening else None)
    assert is_offered(assessment) is offered


def test_guide_is_noted_in_a_course_alone() -> None:
    made = ready().enter(32, Discontinued("r"))
    found = refusal(made.ask(33).history, made.entries, GUIDE, made.at(33))
    assert found is not None
    assert found.rule == "no-course"
    assert refusal(ready().ask(33).history, ready().entries, GUIDE, made.at(33)) is None
