"""What is known when another course begins: the category, of this file or of those that are linked; what was signed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.rules.history import History, read
from compliance.rules.next_course import is_further_course, known_category, known_elsewhere, signed_before
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    CategoryChanged,
    ConsentSigned,
    Discontinued,
    Enrolled,
    Entry,
    FileLinked,
    Invited,
    Record,
    Registered,
)
from tests.histories import CAN, CANNOT

START = datetime(2026, 10, 1, 15, tzinfo=UTC)
BORN = Registered(date(2001, 4, 2), prescriber="p")


def file(*records: tuple[int, Record]) -> list[Entry]:
    """A file that was registered at the start, with what was entered so many days later."""
    told = [(0, BORN), *records]
    return [Entry(number, START + timedelta(day), record) for number, (day, record) in enumerate(told, 1)]


def history(own: list[Entry], *others: list[Entry]) -> History:
    """A file as others are linked with it a hundred days later, and read a day after that."""
    linked = {str(place): other for place, other in enumerate(others)}
    at, number = START + timedelta(100), len(own) + 1
    links = [Entry(number + place, at, FileLinked(name, "r")) for place, name in enumerate(linked)]
    return read(ISOTRETINOIN_US, [*own, *links], START + timedelta(101), linked, "own")


NOBODY = file()
CAN_ON_1 = file((1, Enrolled(CAN)), (3, Discontinued("r")), (9, Invited("i")))
CANNOT_ON_2 = file((2, Enrolled(CANNOT, "hysterectomy")))
CHANGED_ON_5 = file((1, Enrolled(CAN)), (5, CategoryChanged(CANNOT, "oophorectomy")))

#: Name -> (the files, the first of them one's own; category, day and whether it stands elsewhere, of all of them and of
#: the others).
type Known = tuple[str, int, bool] | None
KNOWN: Mapping[str, tuple[list[list[Entry]], Known, Known]] = {
    "nothing anywhere": ([NOBODY, NOBODY], None, None),
    "nobody else": ([CAN_ON_1], (CAN, 1, False), None),
    "changed since": ([CHANGED_ON_5, NOBODY], (CANNOT, 5, False), None),
    "elsewhere alone": ([NOBODY, CANNOT_ON_2], (CANNOT, 2, True), (CANNOT, 2, True)),
    "later elsewhere": ([CAN_ON_1, CANNOT_ON_2], (CANNOT, 2, True), (CANNOT, 2, True)),
    "earlier elsewhere": ([CHANGED_ON_5, CANNOT_ON_2], (CANNOT, 5, False), (CANNOT, 2, True)),
    "the later of two others": ([CAN_ON_1, CANNOT_ON_2, CHANGED_ON_5], (CANNOT, 5, True), (CANNOT, 5, True)),
    "the same, the other way round": ([CAN_ON_1, CHANGED_ON_5, CANNOT_ON_2], (CANNOT, 5, True), (CANNOT, 5, True)),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_category_that_is_known_is_the_latest_of_one_person(name: str) -> None:
    files, everywhere, elsewhere = KNOWN[name]
    asked = history(*files)
    for expected, found in ((everywhere, known_category(asked)), (elsewhere, known_elsewhere(asked))):
        told = found and (found.record.category, (found.entry.at - START).days, found.elsewhere)
        assert told == expected


INFORMATION, DEFECTS = (ConsentSigned(document, "patient") for document in ("patient-information", "birth-defects"))
SIGNED = ((2, DEFECTS), (2, INFORMATION), (2, DEFECTS))

#: Name -> (what was entered and when, whether a further course is open, what was signed before it).
COURSES: Mapping[str, tuple[list[Entry], bool, tuple[str, ...]]] = {
    "none": (NOBODY, False, ()),
    "the first": (file((1, Enrolled(CAN)), *SIGNED), False, ()),
    "the first has ended": (
        file((1, Enrolled(CAN)), *SIGNED, (3, Discontinued("r"))), False, ("birth-defects", "patient-information")),
    "a second": (
        file((1, Enrolled(CAN)), *SIGNED, (3, Discontinued("r")), (4, Enrolled(CAN))), True,
        ("birth-defects", "patient-information")),
    "signed in the second": (
        file((1, Enrolled(CAN)), (2, DEFECTS), (3, Discontinued("r")), (4, Enrolled(CAN)), (4, INFORMATION),
             (5, INFORMATION)), True, ("birth-defects",)),
}  # fmt: skip


@pytest.mark.parametrize("name", COURSES)
def test_a_further_course_asks_anew_for_what_was_signed_in_an_earlier_one(name: str) -> None:
    own, further, signed = COURSES[name]
    asked = history(own)
    assert is_further_course(asked) is further
    assert signed_before(asked) == signed
