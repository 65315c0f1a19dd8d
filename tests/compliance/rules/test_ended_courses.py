"""After a course: which entries can be voided, and what a corrected last dose moves (rules, sections 3, 5.1 and 8)."""

from datetime import date

import pytest

from compliance.rules.entries import voidable
from compliance.rules.followup import gap_over_on, safe_from
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    CategoryChanged,
    Discontinued,
    Dispensed,
    Enrolled,
    EntryStruck,
    LastDoseCorrected,
    PregnancyTest,
    Record,
    StopCleared,
)
from tests.histories import CAN, CANNOT, HistoryFactory

START = date(2026, 11, 20)
#: The numbers of the ready history's entries: 6 the screening test, 5 and 9 the prescriber's methods, 7 the test.
READY = frozenset({5, 6, 7, 8, 9, 10})


def ready(*later: tuple[float, Record]) -> HistoryFactory:
    history = HistoryFactory(START).begun().month(31)
    for day, record in later:
        history.enter(day, record)
    return history


def filled(*later: tuple[float, Record]) -> HistoryFactory:
    return ready((31.1, Authorized("1", "P", 30, date(2026, 12, 27))), (31.2, Dispensed("1")), *later)


#: Name -> (what follows the ready history's eleven entries, which of its later entries can be voided).
STRIKABLE: dict[str, tuple[list[tuple[float, Record]], set[int]]] = {
    "nothing else": ([], set()),
    "the end of the course": ([(32, Discontinued("r"))], {12}),
    "the end, and then a test": ([(32, Discontinued("r")), (33, PregnancyTest(START, "negative", "clinic"))], {12, 13}),
    "the end, and then a positive test": (
        [(32, Discontinued("r")), (33, PregnancyTest(START, "positive", "home"))], {12}),
    "the end, and then another course": ([(32, Discontinued("r")), (33, Enrolled(CAN))], set()),
    "the end, and then its last dose corrected": ([(32, Discontinued("r")), (33, LastDoseCorrected("r"))], set()),
    "two ends": ([(32, Discontinued("r")), (33, Enrolled(CAN)), (34, Discontinued("r"))], {14}),
    "the end, voided": ([(32, Discontinued("r")), (33, EntryStruck(12, "r"))], set()),
    "the end, voided, and another end": (
        [(32, Discontinued("r")), (33, EntryStruck(12, "r")), (34, Discontinued("r"))], {14}),
    "the gate's own entries": (
        [(31.1, Authorized("1", "P", 30, START)), (31.2, Dispensed("1")), (40, StopCleared("r"))], set()),
}  # fmt: skip


@pytest.mark.parametrize("name", STRIKABLE)
def test_which_entries_can_be_voided(name: str) -> None:
    later, numbers = STRIKABLE[name]
    assert voidable(ready(*later).entries) == READY | numbers


def test_what_follows_is_a_matter_of_time_and_not_of_the_order_of_reading() -> None:
    history = ready((32, Discontinued("r")), (33, Enrolled(CAN)))
    assert voidable(reversed(history.entries)) == READY


def test_voided_end_leaves_the_course_as_if_it_had_never_ended() -> None:
    """No lead-in anew, no two tests; and it can end once more."""
    voided = ready((32, Discontinued("r", date(2026, 12, 21))), (33, EntryStruck(12, "r")))
    assert voided.codes(32.5) == ("not-enrolled",)
    for day in (33, 37, 38, 70):
        assert voided.codes(day) == ready().codes(day), day
        assert voided.ask(day).window == ready().ask(day).window
    voided.enter(40, Discontinued("r"))
    assert voided.codes(41) == ("not-enrolled",)


#: Name -> (what is recorded from day 40 on, then by day of asking: the tests owed, as days since the start).
OWED: dict[str, tuple[list[tuple[float, Record]], dict[float, list[int]]]] = {
    "as it was entered": ([(40, Discontinued("r", date(2026, 12, 29)))], {41: [39, 69]}),
    "from its instant on": (
        [(40, Discontinued("r", date(2026, 12, 29))), (42, LastDoseCorrected("r", date(2026, 12, 27)))],
        {41: [39, 69], 42: [37, 67]}),
    "the latest counts": (
        [(40, Discontinued("r", date(2026, 12, 29))), (42, LastDoseCorrected("r", date(2026, 12, 27))),
         (43, LastDoseCorrected("r", date(2026, 12, 28)))], {43: [38, 68]}),
    "no dose after all": (
        [(40, Discontinued("r", date(2026, 12, 29))), (42, LastDoseCorrected("r"))], {42: []}),
    "a dose after all": (
        [(40, Discontinued("r")), (42, LastDoseCorrected("r", date(2026, 12, 27)))], {41: [], 42: [37, 67]}),
    "a test that was taken falls out of the month": (
        [(40, Discontinued("r", date(2026, 12, 29))), (41, PregnancyTest(date(2026, 12, 28), "negative", "clinic")),
         (42, LastDoseCorrected("r", date(2026, 12, 27)))], {41.5: [39, 69], 42: [67]}),
    "the category is that of the end": (
        [(40, CategoryChanged(CANNOT, "hysterectomy")), (40.1, Discontinued("r", date(2026, 12, 29))),
         (42, LastDoseCorrected("r", date(2026, 12, 27)))], {42: []}),
}  # fmt: skip


@pytest.mark.parametrize("name", OWED)
def test_what_is_owed_follows_the_corrected_last_dose(name: str) -> None:
    later, owed = OWED[name]
    history = filled(*later)
    for day, expected in owed.items():
        found = history.ask(day)
        assert [test.due_on for test in found.owed] == [history.on(due) for due in expected], day
        if expected:
            assert safe_from(found.history, found.edition) == history.on(expected[-1])


GAPS: dict[str, tuple[list[tuple[float, Record]], int | None]] = {
    "as it was entered": ([], 39 + 56),
    "corrected before the next course": ([(40.5, LastDoseCorrected("r", date(2026, 12, 25)))], 35 + 56),
    "corrected while the next is open": ([(42, LastDoseCorrected("r", date(2026, 12, 25)))], 35 + 56),
    "no dose after all": ([(42, LastDoseCorrected("r"))], None),
    "of the second course, which ended too": (
        [(43, Discontinued("r", date(2027, 1, 1))), (44, LastDoseCorrected("r"))], 39 + 56),
    "the greatest of both": (
        [(43, Discontinued("r", date(2027, 1, 1))), (44, LastDoseCorrected("r", date(2027, 1, 2)))], 43 + 56),
}  # fmt: skip


@pytest.mark.parametrize("name", GAPS)
def test_the_gap_follows_the_corrected_last_dose(name: str) -> None:
    later, over = GAPS[name]
    history = filled((40, Discontinued("r", date(2026, 12, 29))))
    for day, record in sorted([(41.0, Enrolled(CAN, prescriber="p")), *later], key=lambda part: part[0]):
        history.enter(day, record)
    found = read(ISOTRETINOIN_US, history.entries, history.at(45))
    edition = ISOTRETINOIN_US.edition_on(found.day)
    assert gap_over_on(found, edition) == (None if over is None else history.on(over))
    if found.course is not None:
        assert ("course-gap" in history.codes(45)) is (over is not None)
