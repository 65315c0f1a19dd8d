"""By whose part a window is missed: what was lacking in the last instant of its last day."""

from collections.abc import Callable

import pytest

from compliance.rules.missed import PARTS, missed_by
from compliance.rules.records import (
    Authorized,
    ContraceptionDeclared,
    Dispensed,
    PregnancyReported,
    Record,
)
from tests.histories import HistoryFactory, by_patient, by_practice


def _month(*records: Record) -> HistoryFactory:
    """A course whose second test, on day 40, opens the window that ends with day 46."""
    history = HistoryFactory().begun()
    return history.enter(40, by_practice(history.on(40))[0], *records)


def _whole() -> HistoryFactory:
    history = HistoryFactory()
    return _month(*by_practice(history.on(40))[1:], *by_patient())


def _filled() -> HistoryFactory:
    history = _whole()
    record = Authorized("AAAAAAAA", "pharmacy", 30, history.on(46), first_day=history.on(41))
    return history.enter(41, record).enter(41.1, Dispensed("AAAAAAAA"))


def _authorized() -> HistoryFactory:
    history = _whole()
    return history.enter(41, Authorized("AAAAAAAA", "pharmacy", 30, history.on(46), first_day=history.on(41)))


def _of_patient_lacking() -> HistoryFactory:
    history = HistoryFactory()
    return _month(*by_practice(history.on(40))[1:])


def _of_practice_lacking() -> HistoryFactory:
    history = HistoryFactory()
    declared = [one for one in by_practice(history.on(40)) if isinstance(one, ContraceptionDeclared)]
    return _month(*declared, *by_patient())


CASES: dict[str, tuple[Callable[[], HistoryFactory], str | None]] = {
    "all is there": (_whole, "pick-up"),
    "authorized, and not handed over": (_authorized, "pick-up"),
    "filled": (_filled, None),
    "the patient's part": (_of_patient_lacking, "patient"),
    "the visit": (_of_practice_lacking, "prescriber"),
    "both": (lambda: _month(), "several"),
    "another test opened another window": (
        lambda: (h := _whole()).enter(45, by_practice(h.on(45))[0]), None,
    ),
    "stopped": (lambda: _whole().enter(42, PregnancyReported()), None),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_window_is_missed_by(name: str) -> None:
    history, part = CASES[name]
    assert missed_by(history().ask(46.4)) == part


@pytest.mark.parametrize("day", [45.4, 47.4])
def test_no_window_ends_on_another_day(day: float) -> None:
    assert missed_by(_whole().ask(day)) is None


def test_a_certification_that_is_lacking_is_no_part_of_the_month() -> None:
    assert missed_by(_whole().ask(46.4, prescriber=())) == "pick-up"


def test_the_parts_are_those_by_which_months_were_counted() -> None:
    """Each has a figure of its own, whose name stands in what was counted before."""
    assert PARTS == ("prescriber", "patient", "guardian", "several", "pick-up")
    assert {part for _, part in CASES.values()} <= {None, *PARTS}
