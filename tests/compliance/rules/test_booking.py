"""A test that is booked for a day: which day stands, what is refused, and that no answer follows from it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given

from compliance.rules.booking import booked_on, booking_number
from compliance.rules.care.notes import BookedTest
from compliance.rules.entries import refusal
from compliance.rules.gate import assess
from compliance.rules.history import History
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    ContactCorrected,
    Discontinued,
    Enrolled,
    EntryStruck,
    PregnancyReported,
    StopCleared,
)
from tests.compliance.rules.growing import PRESCRIBERS, SMALL, Log, logs
from tests.histories import CAN, HistoryFactory

MAY = date(2026, 5, 1)


def booked() -> HistoryFactory:
    history = HistoryFactory(MAY).begun()
    return history.enter(1, BookedTest(history.on(20)))


def struck(made: HistoryFactory) -> HistoryFactory:
    """The test that settled it was entered in error."""
    made.test(21)
    return made.enter(22, EntryStruck(len(made.entries), "x"))


#: The history, and the day of it that is booked at its end.
STANDS: dict[str, tuple[Callable[[], HistoryFactory], int | None]] = {
    "nothing is booked": (lambda: HistoryFactory(MAY).begun(), None),
    "a day": (booked, 20),
    "moved": (lambda: booked().enter(2, BookedTest(date(2026, 5, 26))), 25),
    "taken back": (lambda: booked().enter(2, BookedTest()), None),
    "booked again": (lambda: booked().enter(2, BookedTest()).enter(3, BookedTest(date(2026, 5, 26))), 25),
    "a test of that day": (lambda: booked().test(20), None),
    "a test of a later day": (lambda: booked().test(21), None),
    "a test of an earlier day": (lambda: booked().test(19), 20),
    "a test without a clear result": (lambda: booked().test(20, "indeterminate"), None),
    "a test that was entered in error": (lambda: struck(booked()), 20),
    "a stop": (lambda: booked().enter(2, PregnancyReported()), None),
    "a stop that was cleared": (lambda: booked().enter(2, PregnancyReported()).enter(3, StopCleared("x")), None),
    "booked after a stop": (
        lambda: booked().enter(2, PregnancyReported()).enter(3, StopCleared("x"), BookedTest(date(2026, 5, 26))), 25),
    "the end of the course": (lambda: booked().enter(2, Discontinued("x")), None),
    "booked after the end of the course": (
        lambda: booked().enter(2, Discontinued("x", MAY)).enter(3, BookedTest(date(2026, 5, 26))), 25),
    "another course": (lambda: booked().enter(2, Discontinued("x")).enter(3, Enrolled(CAN)), None),
    "something else": (lambda: booked().enter(2, ContactCorrected({}, "x")), 20),
}  # fmt: skip


@pytest.mark.parametrize("name", STANDS)
def test_day_that_is_booked(name: str) -> None:
    make, expected = STANDS[name]
    made = make()
    found = booked_on(made.ask(30).history)
    assert (None if found is None else (found - made.start).days) == expected


#: Which record first booked the appointment there is at the end of the history: by its place among all; None: there is
#: none.
FIRST_BOOKED: dict[str, tuple[Callable[[], HistoryFactory], int | None]] = {
    "nothing is booked": (lambda: HistoryFactory(MAY).begun(), None),
    "nothing is booked, nor tested": (lambda: HistoryFactory(MAY), None),
    "a day, and nothing is tested yet": (lambda: HistoryFactory(MAY).enter(1, BookedTest(date(2026, 5, 21))), -1),
    "a day": (booked, -1),
    "moved": (lambda: booked().enter(2, BookedTest(date(2026, 5, 26))), -2),
    "moved twice": (
        lambda: booked().enter(2, BookedTest(date(2026, 5, 26))).enter(3, BookedTest(date(2026, 5, 27))), -3),
    "something else since": (lambda: booked().enter(2, ContactCorrected({}, "x")), -2),
    "taken back": (lambda: booked().enter(2, BookedTest()), None),
    "booked again": (lambda: booked().enter(2, BookedTest()).enter(3, BookedTest(date(2026, 5, 26))), -1),
    "a test since": (lambda: booked().test(20), None),
    "booked after a test": (lambda: booked().test(20).enter(21, BookedTest(date(2026, 5, 26))), -1),
    "a stop since": (lambda: booked().enter(2, PregnancyReported()), None),
    "booked after a stop": (
        lambda: booked().enter(2, PregnancyReported()).enter(3, StopCleared("x"), BookedTest(date(2026, 5, 26))), -1),
    "the end of the course since": (lambda: booked().enter(2, Discontinued("x")), None),
}  # fmt: skip


@pytest.mark.parametrize("name", FIRST_BOOKED)
def test_record_that_first_booked_the_appointment(name: str) -> None:
    make, place = FIRST_BOOKED[name]
    made = make()
    assert booking_number(made.ask(30).history) == (0 if place is None else made.entries[place].number)


REFUSED: dict[str, tuple[Callable[[], HistoryFactory], int | None, str | None]] = {
    "today": (lambda: HistoryFactory(MAY).begun(), 5, None),
    "yesterday": (lambda: HistoryFactory(MAY).begun(), 4, "is-over"),
    "the furthest day": (lambda: HistoryFactory(MAY).begun(), 125, None),
    "a day later": (lambda: HistoryFactory(MAY).begun(), 126, "too-far-ahead"),
    "the day that is booked": (booked, 20, "nothing-changed"),
    "another day": (booked, 21, None),
    "taken back": (booked, None, None),
    "nothing to take back": (lambda: HistoryFactory(MAY).begun(), None, "nothing-changed"),
    "after the end of the course": (lambda: booked().enter(2, Discontinued("x", MAY)), 21, None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_booking_is_refused(name: str) -> None:
    make, day, rule = REFUSED[name]
    made = make()
    record = BookedTest(made.on(day) if day is not None else None)
    found = refusal(made.ask(5).history, made.entries, record, made.at(5))
    assert (found.rule if found else None) == rule


def test_nothing_is_booked_for_who_was_never_enrolled() -> None:
    made = HistoryFactory(MAY)
    made.entries = made.entries[:1]
    history: History = made.ask(1).history
    found = refusal(history, made.entries, BookedTest(made.on(5)), made.at(1))
    assert found is not None
    assert found.rule == "no-course"


@SMALL
@given(logs())
def test_no_answer_follows_from_a_booking(log: Log) -> None:
    """The gate answers as if none had ever been entered, at every record and later."""
    without = [replace(entry) for entry in log.entries if not isinstance(entry.record, BookedTest)]
    for at in [*(entry.at for entry in log.entries), log.entries[-1].at + timedelta(days=40)]:
        found = log.ask(at)
        other = assess(ISOTRETINOIN_US, without, at=at, prescribers=PRESCRIBERS)
        assert (found.codes, found.latest_window, found.owed, found.dispense_by) == (
            other.codes, other.latest_window, other.owed, other.dispense_by,
        )  # fmt: skip
