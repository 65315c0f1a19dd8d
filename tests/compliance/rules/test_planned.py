"""Which dates lie ahead at which stage of a history, on whose side, and how often each has moved."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given

from compliance.rules.blockers import GUARDIAN, PATIENT
from compliance.rules.care.notes import BookedTest
from compliance.rules.gate import assess
from compliance.rules.planned import CODES, Revised, planned, revised
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    ContactCorrected,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Dispensed,
    EntryStruck,
    LastDoseCorrected,
    PregnancyReported,
    Reversed,
    StopCleared,
    Transferred,
)
from tests.compliance.rules.growing import SMALL, Log, logs
from tests.histories import ALWAYS, CANNOT, METHODS, HistoryFactory

#: Each date by its code, as a day of the history.
type Dates = dict[str, int]

MAY = date(2026, 5, 1)


def begun() -> HistoryFactory:
    return HistoryFactory(MAY).begun()


def minor() -> HistoryFactory:
    """Eighteen on the hundredth day."""
    return HistoryFactory(MAY, (MAY + timedelta(days=100)).replace(year=2008)).begun()


def booked(day: float) -> HistoryFactory:
    history = begun()
    return history.enter(day, BookedTest(history.on(31)))


def late_first() -> HistoryFactory:
    """The methods on the first day, the first test on the fifteenth: it decides from when the second counts."""
    methods = ContraceptionDeclared("prescriber", METHODS, MAY)
    return HistoryFactory(MAY).sign().enter(0, methods).test(15, setting="clinic")


def authorized() -> HistoryFactory:
    history = begun().month(31)
    return history.enter(31.1, Authorized("1", "P", 30, history.on(37)))


def dispensed() -> HistoryFactory:
    return authorized().enter(31.2, Dispensed("1"))


def ended() -> HistoryFactory:
    history = dispensed()
    return history.enter(60, Discontinued("done", history.on(59)))


AFTER = {"end-of-treatment-test": 59, "month-after-test": 89, "precautions-over": 89}

#: The history, the day on which it is looked at, and the dates that lie ahead then.
STAGES: dict[str, tuple[Callable[[], HistoryFactory], float, Dates]] = {
    "nothing is entered": (lambda: HistoryFactory(MAY), 1, {}),
    "lead-in": (begun, 1, {"lead-in-over": 30}),
    "lead-in, and a later day for the test": (late_first, 16, {"lead-in-over": 30, "test-from": 34}),
    "lead-in without a first test": (
        lambda: HistoryFactory(MAY).sign().enter(0, ContraceptionDeclared("prescriber", METHODS, MAY)), 1,
        {"lead-in-over": 30}),
    "second test": (begun, 40, {"lead-in-over": 30}),
    "month": (lambda: begun().test(31, menses="first_five_days"), 32, {"window-first": 31, "window-last": 37}),
    "ready, on the last day": (lambda: begun().month(31), 37, {"window-first": 31, "window-last": 37}),
    "window missed": (lambda: begun().month(31), 38, {"test-from": 50}),
    "another window after a missed one": (
        lambda: begun().month(31).month(50), 51, {"window-first": 50, "window-last": 56}),
    "authorized": (authorized, 32, {"window-first": 31, "pick-up": 37}),
    "reversed": (lambda: authorized().enter(32, Reversed("1")), 33, {"window-first": 31, "window-last": 37}),
    "authorization is void": (
        lambda: authorized().enter(32, Transferred("q")), 33, {"window-first": 31, "window-last": 37}),
    "between fills": (dispensed, 40, {"test-from": 54, "supply-ends": 60}),
    "next month": (
        lambda: dispensed().month(55), 56, {"window-first": 55, "window-last": 61, "supply-ends": 60}),
    "stopped": (lambda: begun().month(31).enter(32, PregnancyReported()), 33, {}),
    "stopped with an authorization": (lambda: authorized().enter(32, PregnancyReported()), 33, {}),
    "stop cleared": (
        lambda: begun().enter(10, PregnancyReported()).enter(12, StopCleared("x")), 13, {"lead-in-over": 30}),
    "followed up": (ended, 61, AFTER),
    "followed up, one test taken": (
        lambda: ended().test(61), 62, {"month-after-test": 89, "precautions-over": 89}),
    "the last dose was corrected": (
        lambda: (h := ended()).enter(61, LastDoseCorrected("x", h.on(57))), 62,
        {"end-of-treatment-test": 57, "month-after-test": 87, "precautions-over": 87}),
    "followed up while stopped": (
        lambda: ended().enter(61, PregnancyReported()), 62, {"end-of-treatment-test": 59, "month-after-test": 89}),
    "a test is booked": (lambda: booked(5), 6, {"test-booked": 31, "lead-in-over": 30}),
    "the booking was moved": (
        lambda: (h := booked(5)).enter(6, BookedTest(h.on(33))), 7, {"test-booked": 33, "lead-in-over": 30}),
    "the booking was taken back": (lambda: booked(5).enter(6, BookedTest()), 7, {"lead-in-over": 30}),
    "the test was taken": (lambda: booked(5).test(31), 32, {"lead-in-over": 30}),
    "booked, and stopped since": (lambda: booked(5).enter(6, PregnancyReported()), 7, {}),
    "booked while stopped": (
        lambda: (h := begun()).enter(5, PregnancyReported()).enter(6, BookedTest(h.on(9))), 7, {"test-booked": 9}),
    "booked after treatment": (
        lambda: (h := ended()).enter(61, BookedTest(h.on(62))), 61.5, {**AFTER, "test-booked": 62}),
    "under age": (minor, 1, {"lead-in-over": 30, "of-age": 100}),
    "under age, and stopped": (lambda: minor().enter(1, PregnancyReported()), 2, {"of-age": 100}),
    "of age on the day of the enrolment": (
        lambda: HistoryFactory(MAY, MAY.replace(year=2008)).begun(), 1, {"lead-in-over": 30}),
    "of age since": (minor, 101, {"lead-in-over": 30, "of-age": 100}),
    "no dose was taken": (lambda: begun().enter(10, Discontinued("moved")), 11, {}),
    "no tests are asked": (
        lambda: HistoryFactory(MAY, category=CANNOT).sign().enter(1, Counselled(date(2026, 5, 2))), 2,
        {"window-first": 1, "window-last": 31}),
}  # fmt: skip


@pytest.mark.parametrize("name", STAGES)
def test_dates_of_a_patient_at_each_stage(name: str) -> None:
    history, day, expected = STAGES[name]
    made = history()
    assert {one.code: (one.on - made.start).days for one in planned(made.ask(day))} == expected


#: What a guardian knows of is signatures.
GUARDIANS: dict[str, tuple[Callable[[], HistoryFactory], float, Dates]] = {
    "their signature is missing in a window": (lambda: minor().month(31), 32, {"sign-by": 37, "of-age": 100}),
    "the window is over": (lambda: minor().month(31), 38, {"of-age": 100}),
    "they have signed": (lambda: minor().sign("guardian").month(31), 32, {"of-age": 100}),
    "the patient is of age": (lambda: begun().month(31), 32, {}),
    "before a window": (minor, 1, {"of-age": 100}),
    "stopped": (lambda: minor().month(31).enter(32, PregnancyReported()), 33, {"of-age": 100}),
    "a test is booked": (lambda: (h := minor()).enter(1, BookedTest(h.on(31))), 2, {"of-age": 100}),
    "after treatment": (ended, 61, {}),
}


@pytest.mark.parametrize("name", GUARDIANS)
def test_dates_of_a_guardian_at_each_stage(name: str) -> None:
    history, day, expected = GUARDIANS[name]
    made = history()
    assert {one.code: (one.on - made.start).days for one in planned(made.ask(day), GUARDIAN)} == expected


def test_every_date_stands_in_a_stage() -> None:
    tables = (STAGES, GUARDIANS)
    assert {code for table in tables for *_, expected in table.values() for code in expected} == set(CODES)


#: A calendar knows its appointments by these: one that is called otherwise stands there twice.
OCCASIONS: dict[str, set[str]] = {
    "lead-in, and a later day for the test": {
        "lead-in-over:20260501T160000000000", "test-from:20260501T160000000000"},
    "ready, on the last day": {"window-first:20260501T160000000000", "window-last:20260501T160000000000"},
    "authorized": {"window-first:20260501T160000000000", "pick-up:1"},
    "next month": {"window-first:13", "window-last:13", "supply-ends:13"},
    "followed up": {"end-of-treatment-test:14", "month-after-test:14", "precautions-over:14"},
    "a test is booked": {"test-booked:7", "lead-in-over:20260501T160000000000"},
    "under age": {"of-age", "lead-in-over:20260501T160000000000"},
}  # fmt: skip


@pytest.mark.parametrize("name", OCCASIONS)
def test_what_falls_on_a_day_has_a_name_that_stays(name: str) -> None:
    history, day, _ = STAGES[name]
    assert {one.occasion for one in planned(history().ask(day))} == OCCASIONS[name]


def test_what_a_guardian_signs_in_a_month_has_a_name_that_stays() -> None:
    history = minor().month(31)
    assert {one.occasion for one in planned(history.ask(32), GUARDIAN)} == {"of-age", "sign-by:20260501T160000000000"}


# --- how often a date has moved -----------------------------------------------------------------------
def of(made: HistoryFactory, day: float, side: str = PATIENT) -> dict[str, Revised]:
    found = revised(
        lambda instant: assess(ISOTRETINOIN_US, made.entries, at=instant, prescribers={"p": ALWAYS}),
        [entry.at for entry in made.entries], made.at(day), side=side,
    )  # fmt: skip
    return {one.date.code: one for one in found}


def test_date_that_never_moved_stands_since_its_record() -> None:
    made = begun()
    (one,) = of(made, 20).values()
    assert (one.revision, one.since) == (0, made.at(0))


def test_record_that_moves_nothing_makes_no_revision() -> None:
    made = begun().enter(3, ContactCorrected({}, "x"), Counselled(MAY))
    assert of(made, 20) == of(begun(), 20)


def test_date_that_moves_is_the_same_occasion_in_another_revision() -> None:
    made = begun()
    before = of(made, 5)["lead-in-over"]
    number = next(entry.number for entry in made.entries if isinstance(entry.record, ContraceptionDeclared))
    made.enter(6, ContraceptionDeclared("prescriber", METHODS, made.on(6)), EntryStruck(number, "x"))
    after = of(made, 7)["lead-in-over"]
    assert (after.date.occasion, after.date.on) == (before.date.occasion, made.on(36))
    assert (after.revision, after.since) == (1, made.at(6))


def test_booking_that_moves_is_the_same_appointment_and_one_after_a_test_is_another() -> None:
    made = booked(5)
    first = of(made, 5)["test-booked"]
    made.enter(6, BookedTest(made.on(33)))
    moved = of(made, 7)["test-booked"]
    assert (moved.date.occasion, moved.date.on, moved.revision) == (first.date.occasion, made.on(33), 1)
    made.test(33).enter(34, BookedTest(made.on(40)))
    second = of(made, 35)["test-booked"]
    assert (second.date.occasion != first.date.occasion, second.revision) == (True, 0)


def test_date_that_comes_back_is_a_later_revision() -> None:
    made = begun().enter(10, PregnancyReported()).enter(12, StopCleared("x"))
    assert of(made, 11) == {}
    again = of(made, 13)["lead-in-over"]
    assert (again.revision, again.since) == (1, made.at(12))


def test_date_that_the_clock_alone_makes_stands_since_that_midnight() -> None:
    made = begun().month(31)
    one = of(made, 40)["test-from"]
    assert (one.since - made.at(38)).total_seconds() == -12 * 3600


def test_records_from_before_the_first_edition_plan_nothing() -> None:
    made = HistoryFactory(date(2021, 12, 10)).begun()
    (one,) = of(made, 20).values()
    assert (one.date.on, one.revision) == (made.on(30), 0)


def test_each_month_is_an_occasion_of_its_own() -> None:
    made = dispensed()
    first = of(made, 32)["supply-ends"]
    made.month(55).enter(55.1, Authorized("2", "P", 30, made.on(61)), Dispensed("2"))
    second = of(made, 56)["supply-ends"]
    assert first.date.occasion != second.date.occasion
    assert (second.revision, second.since) == (0, made.at(55.1))


@SMALL
@given(logs())
def test_dates_are_those_of_the_moment_and_no_revision_says_two_things(log: Log) -> None:
    said: dict[tuple[str, int], Revised] = {}
    latest: dict[str, int] = {}
    ends = [entry.at for entry in log.entries] + [log.entries[-1].at + timedelta(days=days) for days in (3, 33, 70)]
    for at in ends:
        found = revised(log.ask, [entry.at for entry in log.entries], at)
        assert [one.date for one in found] == planned(log.ask(at))
        for one in found:
            occasion = one.date.occasion
            assert said.setdefault((occasion, one.revision), one) == one
            assert one.revision >= latest.get(occasion, 0)
            latest[occasion] = one.revision
