"""From which day a practice can do something of use: not before a test can count, and not while supply is in hand."""

from collections.abc import Callable
from datetime import date

import pytest

from compliance.rules.care.notes import BookedTest
from compliance.rules.gate import judge
from compliance.rules.history import read
from compliance.rules.practice import acts_from, asked_now
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Dispensed,
    EntryStruck,
    FileLinked,
    PregnancyReported,
)
from tests.histories import ALWAYS, CANNOT, OTHER_METHODS, HistoryFactory, by_practice

History = Callable[[], HistoryFactory]


#: All of it in the edition of 2026, which has no lockout; and in that of 2023, which has one.
START, OCTOBER = date(2026, 11, 20), date(2026, 10, 1)
#: Where nobody is tested, the edition of 2023 asks for a visit each month, that of 2026 for one in the course.
JUNE = date(2024, 6, 1)


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


def another_month() -> HistoryFactory:
    """A month after the fill: the test and the visit are there."""
    history = filled()
    test, visit, _methods = by_practice(history.on(55))
    return history.enter(55, test, visit)


def untested(start: date = START) -> HistoryFactory:
    return HistoryFactory(start, category=CANNOT).sign()


def supplied(start: date = START) -> HistoryFactory:
    """A visit, and a fill on the same day: the supply ends on day 30."""
    history = untested(start).enter(0, Counselled(start))
    return history.enter(0.1, Authorized("1", "P", 30, history.on(30)), Dispensed("1"))


def visit_struck() -> HistoryFactory:
    """The visit of the course was another patient's."""
    history = supplied()
    visit = next(entry.number for entry in history.entries if isinstance(entry.record, Counselled))
    return history.enter(5, EntryStruck(visit, "r"))


WHOLE = {"enter-test", "counsel", "declare-methods"}

#: Name -> (the history, the day of the question, from when the prescriber acts, a designee, and what the month asks).
CASES: dict[str, tuple[History, int, int | None, int | None, set[str]]] = {
    "enrolled: everything that begins the lead-in": (enrolled, 0, 0, 0, WHOLE),
    "in the lead-in: from its end on": (in_lead_in, 10, 30, 30, set()),
    "the lead-in is over today": (in_lead_in, 30, 30, 30, {"enter-test"}),
    "the lead-in is over": (in_lead_in, 33, 30, 30, {"enter-test"}),
    "the visit is missing in the lead-in": (lambda: HistoryFactory(START).begun(), 10, 10, 10, {"counsel"}),
    "a window is open and the practice has done its part": (with_window, 31, None, None, set()),
    "a window is open and the visit is missing": (
        lambda: HistoryFactory(START).begun().test(31, menses="first_five_days"), 32, 32, 32, {"counsel"}),
    "a window is open and the methods are missing: no designee declares them": (
        another_month, 56, 56, None, {"declare-methods"}),
    "a window is open and the patient named other methods": (
        lambda: with_window().enter(31, ContraceptionDeclared("patient", OTHER_METHODS)), 32, 32, None,
        {"declare-methods"}),
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
    "nobody is tested: the visit of the course": (untested, 3, 3, 3, {"counsel"}),
    "nobody is tested, and the visit of the course was struck: at once, whatever is in hand": (
        visit_struck, 6, 6, 6, {"counsel"}),
    "nobody is tested: the first visit": (lambda: untested(JUNE), 3, 3, 3, {"counsel"}),
    "nobody is tested, supply in hand: the visit of the month a week before it ends": (
        lambda: supplied(JUNE), 10, 23, 23, {"counsel"}),
    "nobody is tested, the supply ended": (lambda: supplied(JUNE), 40, 23, 23, {"counsel"}),
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


def test_a_course_in_a_linked_file_is_the_prescribers_to_end() -> None:
    """A window is open and nothing else is missing: without the other course nobody has to act."""
    other = in_lead_in().enter(31, FileLinked("this", "r"))
    made = with_window().enter(31, FileLinked("other", "r"))
    assert acts_from(made.ask(32)) is None
    linked = read(ISOTRETINOIN_US, made.entries, made.at(32), {"other": other.entries}, "this")
    assessment = judge(linked, prescribers={"p": ALWAYS})
    assert acts_from(assessment) == made.on(32)
    assert acts_from(assessment, designee=True) is None
