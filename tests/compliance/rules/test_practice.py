"""From which day a practice can do something of use: not before a test can count, and not while supply is in hand."""

from collections.abc import Callable
from datetime import date

import pytest

from compliance.rules.care.notes import BookedTest
from compliance.rules.practice import acts_from, asked_now
from compliance.rules.records import (
    Authorized,
    Counselled,
    Discontinued,
    Dispensed,
    PregnancyReported,
)
from tests.histories import CANNOT, HistoryFactory

History = Callable[[], HistoryFactory]


#: All of it in the edition of 2026, which has no lockout; and in that of 2023, which has one.
START, OCTOBER = date(2026, 11, 20), date(2026, 10, 1)


def enrolled(start: date = START) -> HistoryFactory:
    return HistoryFactory(start)


def in_lead_in(start: date = START) -> HistoryFactory:
    """Everything that can be entered at the beginning."""
    history = HistoryFactory(start).begun()
    return history.enter(0, Counselled(history.on(0)))


def with_window(start: date = START) -> HistoryFactory:
    return in_lead_in(start).test(31, menses="first_five_days")


def filled() -> HistoryFactory:
    history = HistoryFactory(START).begun().month(31)
    return history.enter(31.1, Authorized("1", "P", 30, history.on(37)), Dispensed("1"))


WHOLE = {"enter-test", "counsel", "declare-methods"}

#: Name -> (the history, the day of the question, from when the prescriber acts, a designee, and what the month asks).
CASES: dict[str, tuple[History, int, int | None, int | None, set[str]]] = {
    "enrolled: everything that begins the lead-in": (enrolled, 0, 0, 0, WHOLE),
    "in the lead-in: from its end on": (in_lead_in, 10, 30, 30, set()),
    "the lead-in is over": (in_lead_in, 33, 30, 30, {"enter-test"}),
    "the visit is missing in the lead-in": (lambda: HistoryFactory(START).begun(), 10, 10, 10, {"counsel"}),
    "a window is open and the practice has done its part": (with_window, 31, None, None, set()),
    "a window was missed": (with_window, 40, 38, 38, WHOLE),
    "a window was missed, and the next test has to wait": (
        lambda: with_window(OCTOBER), 40, 50, 50, {"counsel", "declare-methods"}),
    "supply in hand: a week before it ends": (filled, 40, 54, 54, WHOLE),
    "supply in hand nears its end": (filled, 56, 54, 54, WHOLE),
    "a test is booked for a later day": (
        lambda: in_lead_in().enter(31, BookedTest(enrolled().on(36))), 33, 36, 36, {"enter-test"}),
    "a stop: the prescriber alone clears it": (
        lambda: in_lead_in().enter(33, PregnancyReported()), 34, 34, None, {"enter-test"}),
    "after treatment: the tests that are owed": (
        lambda: filled().enter(40, Discontinued("r", filled().on(39))), 41, 39, 39, set()),
    "nobody is tested: the visit of the course": (
        lambda: HistoryFactory(START, category=CANNOT).sign(), 3, 3, 3, {"counsel"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_practice_acts_from_the_day_on_which_it_is_of_use(name: str) -> None:
    history, day, prescriber, designee, asked = CASES[name]
    made = history()

    def on(number: int | None) -> date | None:
        return made.on(number) if number is not None else None

    assessment = made.ask(day)
    assert acts_from(assessment) == on(prescriber)
    assert acts_from(assessment, designee=True) == on(designee)
    assert asked_now(assessment) == asked
