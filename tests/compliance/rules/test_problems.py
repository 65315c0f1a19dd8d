"""A missed period or a method that failed: it is shown until somebody deals with it."""

from collections.abc import Callable
from datetime import date

import pytest

from compliance.rules.care.notes import ProblemReported
from compliance.rules.problems import open_problem
from compliance.rules.records import (
    ComprehensionPassed,
    Counselled,
    Discontinued,
    EntryStruck,
    PregnancyReported,
    PregnancyTest,
)
from tests.histories import HistoryFactory

START = date(2026, 10, 1)


def reported() -> HistoryFactory:
    """A visit and a test, and three days later the patient's report: nothing before it deals with it."""
    history = HistoryFactory(START).begun().enter(0, Counselled(START))
    return history.enter(3, ProblemReported("missed_period"))


def with_test(result: str) -> HistoryFactory:
    return reported().test(4, result)


def struck() -> HistoryFactory:
    """The visit that dealt with it was entered for another patient."""
    history = reported().enter(4, Counselled(START))
    return history.enter(5, EntryStruck(len(history.entries), "r"))


#: Name -> (a history, the day of the report that is shown; None where none is).
CASES: dict[str, tuple[Callable[[], HistoryFactory], int | None]] = {
    "nothing was reported": (lambda: HistoryFactory(START).begun(), None),
    "reported, and nothing since": (reported, 3),
    "reported twice: the latest": (lambda: reported().enter(5, ProblemReported("method_failed")), 5),
    "the month's questions answered since": (lambda: reported().enter(4, ComprehensionPassed()), 3),
    "a visit since": (lambda: reported().enter(4, Counselled(START)), None),
    "a visit since, and something else before it": (
        lambda: reported().enter(4, ComprehensionPassed(), Counselled(START)), None),
    "a visit since that was struck": (struck, 3),
    "a negative test since": (lambda: with_test("negative"), None),
    "an indeterminate test since": (lambda: with_test("indeterminate"), None),
    "a positive test since": (lambda: with_test("positive"), None),
    "a test of before the report, entered since": (
        lambda: reported().enter(4, PregnancyTest(START, "negative", "clinic")), None),
    "a pregnancy reported since": (lambda: reported().enter(4, PregnancyReported()), None),
    "the end of the course since": (lambda: reported().enter(4, Discontinued("r")), None),
    "another report after a visit": (
        lambda: reported().enter(4, Counselled(START)).enter(6, ProblemReported("missed_period")), 6),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_reported_problem_is_shown_until_somebody_deals_with_it(name: str) -> None:
    make, day = CASES[name]
    history = make()
    shown = open_problem(history.ask(10).history)
    assert (shown.at if shown is not None else None) == (history.at(day) if day is not None else None)
