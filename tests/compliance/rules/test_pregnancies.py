"""The pregnancies in a file: when and how each was found, which of them a follow-up is about, what is known of it.

And what the office learns of one: how many weeks it can have lasted.
"""

from datetime import date

import pytest

from compliance.rules.care.pregnancies import OUTCOMES, PENDING, PregnancyFollowed, weeks
from compliance.rules.history import read
from compliance.rules.pregnancies import PHASES, PregnancyCase, pregnancy_cases
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    Discontinued,
    Dispensed,
    Enrolled,
    Entry,
    PregnancyReported,
    PregnancyTest,
    Record,
    Registered,
    Reversed,
    StopCleared,
)
from tests.histories import CAN, HistoryFactory

type Happened = tuple[float, Record]

BEFORE_FIRST, DURING, AFTER = "before-first-fill", "during-treatment", "after-treatment"

START = date(2026, 10, 1)
#: The numbers that a file begins with: `registered` and `enrolled`. What happens then is counted from 3.
FIRST = 3


def collected(day: int, result: str = "positive") -> Happened:
    return day, PregnancyTest(HistoryFactory(START).on(day), result, "clinic")


def reported(day: int) -> Happened:
    return day, PregnancyReported()


def followed(day: int, case: int, outcome: str) -> Happened:
    return day, PregnancyFollowed(case, outcome, "unknown", "unknown")


def authorized(day: int) -> Happened:
    return day, Authorized(f"of-day-{day}", "P", 30, HistoryFactory(START).on(day + 6))


def filled(day: int) -> tuple[Happened, Happened]:
    return authorized(day), (day, Dispensed(f"of-day-{day}"))


def ended(day: int) -> Happened:
    return day, Discontinued("r")


def again(day: int) -> Happened:
    return day, Enrolled(CAN)


def cases_of(*happened: Happened) -> list[PregnancyCase]:
    history = HistoryFactory(START)
    for day, record in happened:
        history.enter(day, record)
    return pregnancy_cases(read(ISOTRETINOIN_US, history.entries, history.at(900)))


# --- when and how -------------------------------------------------------------------------------------
#: Name -> (what happened, when the pregnancy was found, by what).
FOUND: dict[str, tuple[tuple[Happened, ...], str, str]] = {
    "a report before the first fill": ((reported(5),), BEFORE_FIRST, "report"),
    "a test before the first fill": ((collected(5),), BEFORE_FIRST, "test"),
    "authorized and never handed over": ((authorized(31), reported(33)), BEFORE_FIRST, "report"),
    "authorized and given back": (
        (authorized(31), (32, Reversed("of-day-31")), reported(33)), BEFORE_FIRST, "report"),
    "a report after the first fill": ((*filled(31), reported(32)), DURING, "report"),
    "a test after the first fill": ((*filled(31), collected(60)), DURING, "test"),
    "a test after the second fill": ((*filled(31), *filled(62), collected(90)), DURING, "test"),
    "a test after treatment": ((*filled(31), ended(60), collected(90)), AFTER, "test"),
    "a report after treatment": ((*filled(31), ended(60), reported(90)), AFTER, "report"),
    "after a hand-over that was entered when the course had ended": (
        (authorized(31), ended(39), (45, Dispensed("of-day-31", HistoryFactory(START).on(37))), reported(60)), AFTER,
        "report"),
    "after a course that ended without a fill": ((ended(20), collected(30)), BEFORE_FIRST, "test"),
    "in the next course, before its first fill": (
        (*filled(31), ended(60), again(130), collected(140)), BEFORE_FIRST, "test"),
    "in the next course, after its first fill": (
        (*filled(31), ended(60), again(130), *filled(161), collected(170)), DURING, "test"),
    "after the next course, which ended without a fill": (
        (*filled(31), ended(60), again(130), ended(140), collected(150)), BEFORE_FIRST, "test"),
    "after the next course, the first without a fill": (
        (ended(20), again(30), *filled(61), ended(90), reported(100)), AFTER, "report"),
    "the next course does not move what was found before": (
        (*filled(31), ended(60), collected(90), (120, StopCleared("r")), again(130), *filled(161)), AFTER, "test"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_a_pregnancy_by_when_and_how_it_was_found(name: str) -> None:
    happened, phase, found_by = FOUND[name]
    assert [(case.phase, case.found_by) for case in cases_of(*happened)] == [(phase, found_by)]


def test_every_phase_is_listed_in_order() -> None:
    """The yearly report counts by them; the codes stand in what was reported before."""
    assert PHASES == (BEFORE_FIRST, DURING, AFTER)


def test_a_log_without_a_course_has_its_pregnancy_before_the_first_fill() -> None:
    """Such a report is refused; a log that has one all the same can still be read."""
    at = HistoryFactory(START).at(0)
    entries = [Entry(1, at, Registered(date(2001, 4, 2))), Entry(2, at, PregnancyReported())]
    assert [case.phase for case in pregnancy_cases(read(ISOTRETINOIN_US, entries, at))] == [BEFORE_FIRST]


# --- which they are, and what is known of them --------------------------------------------------------
#: Name -> (what happened, the cases: by which record each was found, its outcome, its latest follow-up).
KNOWN: dict[str, tuple[tuple[Happened, ...], list[tuple[int, str, int | None]]]] = {
    "none": ((*filled(31), ended(60)), []),
    "a negative test is none, nor one that says nothing": (
        (collected(5, "negative"), collected(6, "indeterminate")), []),
    "nobody has followed it up": ((collected(5),), [(3, PENDING, None)]),
    "followed up, and not known yet": ((collected(5), followed(9, 3, PENDING)), [(3, PENDING, 4)]),
    "followed up to its outcome": ((collected(5), followed(9, 3, "miscarriage")), [(3, "miscarriage", 4)]),
    "the latest follow-up counts": (
        (collected(5), followed(9, 3, "not-pregnant"), followed(20, 3, "live-birth")), [(3, "live-birth", 5)]),
    "an outcome that was wrong is taken back": (
        (collected(5), followed(9, 3, "not-pregnant"), followed(20, 3, PENDING)), [(3, PENDING, 5)]),
    "a report after the test is the same one": ((collected(5), reported(6)), [(3, PENDING, None)]),
    "a test after the report is the same one": ((reported(5), collected(6)), [(3, PENDING, None)]),
    "every stop until the outcome is the same one": (
        (collected(5), reported(6), collected(8), reported(9)), [(3, PENDING, None)]),
    "a stop that was cleared is no outcome": (
        (collected(5), (6, StopCleared("r")), collected(9)), [(3, PENDING, None)]),
    "another after the outcome of the first": (
        (collected(5), followed(20, 3, "miscarriage"), collected(200)), [(3, "miscarriage", 4), (5, PENDING, None)]),
    "a stop while the second is open": (
        (collected(5), followed(20, 3, "miscarriage"), collected(200), reported(201)),
        [(3, "miscarriage", 4), (5, PENDING, None)]),
    "a follow-up of the second leaves the first alone": (
        (collected(5), followed(20, 3, "miscarriage"), collected(200), followed(300, 5, "live-birth")),
        [(3, "miscarriage", 4), (5, "live-birth", 6)]),
    "a late follow-up of the first leaves the second alone": (
        (collected(5), followed(20, 3, "lost"), collected(200), followed(300, 3, "termination")),
        [(3, "termination", 6), (5, PENDING, None)]),
    "three": (
        (collected(5), followed(20, 3, "miscarriage"), collected(200), followed(300, 5, "ectopic"), reported(500)),
        [(3, "miscarriage", 4), (5, "ectopic", 6), (7, PENDING, None)]),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_which_pregnancies_a_file_has_and_what_is_known_of_each(name: str) -> None:
    happened, expected = KNOWN[name]
    found = cases_of(*happened)
    latest = [case.followed.number if case.followed else None for case in found]
    assert [(case.opened.number, case.outcome) for case in found] == [(number, what) for number, what, _ in expected]
    assert latest == [number for _, _, number in expected]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_stop_after_any_outcome_is_another_pregnancy(outcome: str) -> None:
    first, *others = cases_of(collected(5), followed(20, FIRST, outcome), collected(200))
    assert first.is_open is (outcome == PENDING)
    assert bool(others) is not first.is_open


def test_the_latest_follow_up_is_told_whole() -> None:
    learned = PregnancyFollowed(FIRST, "live-birth", "exposed", "method-failed", 39, "note")
    assert cases_of(collected(5), followed(20, FIRST, PENDING), (280, learned))[0].latest == learned


# --- weeks --------------------------------------------------------------------------------------------
#: As it was entered: the rule by which it is refused, or None.
WEEKS: dict[str, tuple[object, str | None]] = {
    "the first week": (0, None),
    "40 weeks": (40, None),
    "45 weeks": (45, None),
    "46 weeks": (46, "not-listed"),
    "less than none": (-1, "not-listed"),
    "words": ("40", "not-a-whole-number"),
    "a part of a week": (39.5, "not-a-whole-number"),
    "yes": (True, "not-a-whole-number"),
}


@pytest.mark.parametrize(("raw", "refused"), WEEKS.values(), ids=WEEKS.keys())
def test_weeks_of_a_pregnancy_are_whole_and_45_at_most(raw: object, refused: str | None) -> None:
    if refused is None:
        assert weeks(raw) == raw
    else:
        with pytest.raises(ValueError, match=f"^{refused}$"):
            weeks(raw)
