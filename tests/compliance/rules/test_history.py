"""What a log says about the patient, the prescriber, the course, and the files of one person."""

from collections.abc import Callable
from datetime import date

import pytest

from compliance.rules.followup import gap_over_on, owed, safe_from
from compliance.rules.history import History, linked_files, read
from compliance.rules.programs.isotretinoin_us import EDITION_2021, EDITION_2026, ISOTRETINOIN_US
from compliance.rules.records import (
    BirthDateCorrected,
    CategoryChanged,
    Discontinued,
    Enrolled,
    FileLinked,
    FileTransferred,
    FileUnlinked,
    LastDoseCorrected,
    PregnancyReported,
    Record,
    StopCleared,
    TransferDeclined,
    TransferOffered,
    Transferred,
    TransferWithdrawn,
)
from tests.compliance.rules.test_boundaries import OCTOBER
from tests.histories import CAN, CANNOT, NEW_YORK, HistoryFactory


def after(*records: Record, start: date = OCTOBER) -> History:
    """The history after these records, one a day."""
    history = HistoryFactory(start)
    for day, record in enumerate(records, 1):
        history.enter(day, record)
    return read(ISOTRETINOIN_US, history.entries, history.at(len(records) + 1))


def test_the_days_are_those_of_the_programs_zone() -> None:
    assert after().zone == NEW_YORK


#: Name -> (records, who prescribes).
PRESCRIBERS: dict[str, tuple[list[Record], str]] = {
    "of the enrolment": ([], "p"),
    "of a later enrolment": ([Discontinued("r"), Enrolled(CAN, prescriber="q")], "q"),
    "of an enrolment that names none": ([Discontinued("r"), Enrolled(CAN)], "p"),
    "of a transfer": ([Transferred("q")], "q"),
    "of the latest of two transfers": ([Transferred("q"), Transferred("s")], "s"),
    "of the latest of three transfers": ([Transferred("q"), Transferred("s"), Transferred("t")], "t"),
    "of a transfer, whatever a later enrolment says": (
        [Transferred("q"), Discontinued("r"), Enrolled(CAN, prescriber="p")], "q"),
    "an offer changes nothing": ([TransferOffered("q")], "p"),
}  # fmt: skip


@pytest.mark.parametrize("name", PRESCRIBERS)
def test_who_prescribes(name: str) -> None:
    records, prescriber = PRESCRIBERS[name]
    assert after(*records).prescriber == prescriber


def test_nobody_prescribes_for_whom_no_file_names_one() -> None:
    history = HistoryFactory(OCTOBER)
    history.entries.clear()
    history.enter(0, Enrolled(CAN))
    seen = read(ISOTRETINOIN_US, history.entries, history.at(1))
    assert seen.prescriber is None
    assert seen.born_on is None


#: Name -> (records, to whom the patient is offered).
OFFERS: dict[str, tuple[list[Record], str | None]] = {
    "to nobody": ([], None),
    "to one": ([TransferOffered("q")], "q"),
    "to the latest": ([TransferOffered("q"), TransferWithdrawn(), TransferOffered("s")], "s"),
    "declined": ([TransferOffered("q"), TransferDeclined()], None),
    "withdrawn": ([TransferOffered("q"), TransferWithdrawn()], None),
    "accepted": ([TransferOffered("q"), Transferred("q")], None),
    "accepted between two courses": ([TransferOffered("q"), FileTransferred("q")], None),
    "the course is over": ([TransferOffered("q"), Discontinued("r")], None),
    "something else happened": ([TransferOffered("q"), PregnancyReported()], "q"),
}


@pytest.mark.parametrize("name", OFFERS)
def test_to_whom_a_patient_is_offered(name: str) -> None:
    records, offered = OFFERS[name]
    assert after(*records).offered_to == offered


def test_the_latest_correction_of_a_birth_date_counts() -> None:
    first, second = date(2002, 1, 1), date(2003, 1, 1)
    assert after().born_on == date(2001, 4, 2)
    assert after(BirthDateCorrected(first, "r")).born_on == first
    assert after(BirthDateCorrected(first, "r"), BirthDateCorrected(second, "r")).born_on == second


#: Name -> (records, the category of the open course and the day from which its qualifying period counts).
COURSES: dict[str, tuple[list[Record], tuple[str, int] | None]] = {
    "enrolled": ([], (CAN, 0)),
    "changed to the other": ([CategoryChanged(CANNOT, "male")], (CANNOT, 0)),
    "changed and changed back": ([CategoryChanged(CANNOT, "male"), CategoryChanged(CAN, "r")], (CAN, 2)),
    "over": ([Discontinued("r")], None),
    "the next": ([CategoryChanged(CANNOT, "male"), Discontinued("r"), Enrolled(CAN)], (CAN, 3)),
}


@pytest.mark.parametrize("name", COURSES)
def test_which_course_is_open(name: str) -> None:
    records, expected = COURSES[name]
    history = after(*records)
    course = history.course
    day = HistoryFactory(OCTOBER).at
    assert (course and (course.category.code, course.qualifying)) == (expected and (expected[0], day(expected[1])))


def test_courses_that_ended_keep_their_category_and_their_last_dose() -> None:
    history = after(
        CategoryChanged(CANNOT, "male"), Discontinued("r", OCTOBER), Enrolled(CAN), Discontinued("r"),
        LastDoseCorrected("r", date(2026, 11, 23)),
    )  # fmt: skip
    assert [(one.category.code, one.last_dose_on) for one in history.ended] == [
        (CANNOT, OCTOBER), (CAN, date(2026, 11, 23)),
    ]  # fmt: skip
    assert [(one.opened.number, one.ended.number) for one in history.ended] == [(2, 4), (5, 6)]
    assert history.last_ended == history.ended[-1]
    assert history.enrolled_on == date(2026, 11, 23)
    assert gap_over_on(history, EDITION_2026) == date(2027, 1, 18)
    assert safe_from(history, EDITION_2026) == date(2026, 12, 23)


def test_a_correction_before_any_end_and_an_end_before_any_course_say_nothing() -> None:
    assert after(LastDoseCorrected("r", OCTOBER)).ended == ()
    ended = after(Discontinued("r"), Discontinued("r", OCTOBER)).ended
    assert [one.last_dose_on for one in ended] == [None]
    history = HistoryFactory(OCTOBER)
    del history.entries[1:]
    history.enter(1, Discontinued("r"), CategoryChanged(CAN, "r"))
    assert read(ISOTRETINOIN_US, history.entries, history.at(2)).ended == ()


def test_the_latest_stop_of_two_files_says_since_when() -> None:
    a, b = file(FileLinked("b", "r"), PregnancyReported()), file(FileLinked("a", "r")).enter(3, PregnancyReported())
    seen = read(ISOTRETINOIN_US, a.entries, a.at(4), {"b": b.entries}, "a")
    assert seen.stops.since == b.at(3)
    assert seen.stops.last_on == b.on(3)


#: Name -> (day of the test after a last dose on day 0, result, setting, what is owed in edition 2021).
OWED: dict[str, tuple[int, str, str, list[str]]] = {
    "on the day": (0, "negative", "laboratory", ["month-after-test"]),
    "the day before": (-1, "negative", "laboratory", ["end-of-treatment-test", "month-after-test"]),
    "the last day before the month is over": (29, "negative", "laboratory", ["month-after-test"]),
    "a month after": (30, "negative", "laboratory", ["end-of-treatment-test"]),
    "long after": (90, "positive", "laboratory", ["end-of-treatment-test"]),
    "one that says nothing": (0, "indeterminate", "laboratory", ["end-of-treatment-test", "month-after-test"]),
    "one that does not count": (0, "negative", "home", ["end-of-treatment-test", "month-after-test"]),
}


@pytest.mark.parametrize("name", OWED)
def test_which_tests_are_owed(name: str) -> None:
    day, result, setting, expected = OWED[name]
    history = HistoryFactory(OCTOBER).enter(5, Discontinued("r", date(2026, 11, 25)))
    history.test(5 + day, result, setting, entered=100)
    seen = read(ISOTRETINOIN_US, history.entries, history.at(101))
    assert [one.code for one in owed(seen, EDITION_2021)] == expected


def file(*records: Record) -> HistoryFactory:
    return HistoryFactory(OCTOBER).enter(1, *records)


def test_each_of_three_files_knows_the_two_others() -> None:
    a = file(FileLinked("b", "r"), FileLinked("c", "r"))
    b, c = file(FileLinked("a", "r"), FileLinked("c", "r")), file(FileLinked("a", "r"), FileLinked("b", "r"))
    c.enter(1, PregnancyReported())
    seen = read(ISOTRETINOIN_US, a.entries, a.at(2), {"c": c.entries, "b": b.entries}, "a")
    assert [one.entries for one in seen.linked] == [tuple(b.entries), tuple(c.entries)]
    assert [{other.entries for other in one.linked} for one in seen.linked] == [
        {tuple(a.entries), tuple(c.entries)}, {tuple(a.entries), tuple(b.entries)},
    ]  # fmt: skip
    assert all(one.stops.open for one in (seen, *seen.linked))


def test_a_link_that_has_ended_links_nothing() -> None:
    a = file(FileLinked("b", "r"), FileUnlinked("b", "r"), FileUnlinked("never", "r"))
    seen = read(ISOTRETINOIN_US, a.entries, a.at(2), {"b": file(FileLinked("a", "r")).entries}, "a")
    assert linked_files(seen) == frozenset()
    assert seen.linked == ()


def test_a_linked_file_that_is_not_given_is_none() -> None:
    a = file(FileLinked("b", "r"), FileLinked("c", "r"))
    seen = read(ISOTRETINOIN_US, a.entries, a.at(2), {"c": file(FileLinked("a", "r")).entries}, "a")
    assert len(seen.linked) == 1


#: Name -> (the other file's records after a stop in this one, whether the stop is open).
CLEARED: dict[str, tuple[Callable[[], list[Record]], bool]] = {
    "by nothing": (lambda: [FileLinked("a", "r")], True),
    "while linked": (lambda: [FileLinked("a", "r"), StopCleared("r")], False),
    "before the link": (lambda: [StopCleared("r"), FileLinked("a", "r")], True),
    "under a link that has ended and stands anew": (
        lambda: [FileLinked("a", "r"), StopCleared("r"), FileUnlinked("a", "r"), FileLinked("a", "r")], True),
    "under a link to another": (lambda: [FileLinked("z", "r"), StopCleared("r"), FileLinked("a", "r")], True),
    "and another link after it": (lambda: [FileLinked("a", "r"), StopCleared("r"), FileLinked("z", "r")], False),
}  # fmt: skip


@pytest.mark.parametrize("name", CLEARED)
def test_what_clears_a_stop_of_a_linked_file(name: str) -> None:
    records, is_open = CLEARED[name]
    a = HistoryFactory(OCTOBER).enter(1, FileLinked("b", "r"), PregnancyReported())
    b = HistoryFactory(OCTOBER)
    for day, record in enumerate(records(), 2):
        b.enter(day, record)
    seen = read(ISOTRETINOIN_US, a.entries, a.at(9), {"b": b.entries}, "a")
    assert seen.stops.open is is_open
    assert seen.stops.since == (a.at(1) if is_open else None)
    assert seen.stops.last_on == a.on(1)


def test_a_file_that_has_no_name_is_called_by_the_empty_one() -> None:
    a = file(FileLinked("b", "r"), PregnancyReported())
    b = file(FileLinked("", "r")).enter(3, StopCleared("r"))
    assert not read(ISOTRETINOIN_US, a.entries, a.at(4), {"b": b.entries}).stops.open


def test_whom_the_registration_names_prescribes_where_the_enrolment_names_nobody() -> None:
    history = HistoryFactory(OCTOBER)
    del history.entries[1:]
    history.enter(0, Enrolled(CAN))
    assert read(ISOTRETINOIN_US, history.entries, history.at(1)).prescriber == "p"
