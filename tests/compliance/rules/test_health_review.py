"""When the patient is asked whether allergies, medicines or conditions changed, and which changes wait."""

import pytest

from compliance.rules.care.health import HealthAnswered, HealthReviewed
from compliance.rules.care.health_review import (
    is_review_offered,
    open_changes,
    settled_changes,
    unchanged_since,
)
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import Discontinued, Enrolled, Entry, Record
from tests.histories import CAN, HistoryFactory

ANSWERS = HealthAnswered((), (), ())
CHANGED, SAME = HealthReviewed(True, "words"), HealthReviewed(False)

#: What is entered, by day: whether the patient is asked on day 60.
OFFERED: dict[str, tuple[dict[float, Record], bool]] = {
    "never asked": ({}, True),
    "answered 27 days ago": ({33: ANSWERS}, False),
    "answered less than 28 days ago": ({32.1: ANSWERS}, False),
    "answered 28 days ago": ({32: ANSWERS}, True),
    "reviewed 27 days ago": ({33: SAME}, False),
    "reviewed 28 days ago": ({32: CHANGED}, True),
    "answered long ago, reviewed since": ({3: ANSWERS, 40: SAME}, False),
    "reviewed long ago, answered since": ({3: SAME, 40: ANSWERS}, False),
    "both long ago": ({3: ANSWERS, 31: SAME}, True),
    "the course is over": ({3: ANSWERS, 59: Discontinued("r")}, False),
    "never asked, and the course is over": ({59: Discontinued("r")}, False),
}


@pytest.mark.parametrize(("entered", "offered"), OFFERED.values(), ids=OFFERED.keys())
def test_patient_is_asked_each_month_of_a_course(entered: dict[float, Record], offered: bool) -> None:
    made = HistoryFactory().begun()
    for day, record in entered.items():
        made.enter(day, record)
    assert is_review_offered(made.ask(60).history) is offered


def test_what_was_asked_in_an_earlier_course_does_not_count() -> None:
    made = HistoryFactory().begun().enter(40, ANSWERS, SAME).enter(41, Discontinued("r")).enter(50, Enrolled(CAN))
    assert is_review_offered(made.ask(51).history)


#: What is entered, one a day: the places of the changes that wait; of those that are settled, each with the place of
#: the answers that settle it; and of the word that nothing has changed, where it holds.
REVIEWS: dict[str, tuple[list[Record], list[int], list[tuple[int, int]], int | None]] = {
    "nothing": ([], [], [], None),
    "answers alone": ([ANSWERS], [], [], None),
    "unchanged": ([SAME], [], [], 0),
    "unchanged after the answers": ([ANSWERS, SAME], [], [], 1),
    "unchanged before the answers": ([SAME, ANSWERS], [], [], 0),
    "unchanged again and again: the latest": ([SAME, SAME, SAME], [], [], 2),
    "a change": ([CHANGED], [0], [], None),
    "a change after answers": ([ANSWERS, CHANGED], [1], [], None),
    "a change, then answers": ([CHANGED, ANSWERS], [], [(0, 1)], None),
    "a change between answers": ([ANSWERS, CHANGED, ANSWERS], [], [(1, 2)], None),
    "a change between answers, and one after": ([ANSWERS, CHANGED, ANSWERS, CHANGED], [3], [(1, 2)], None),
    "settled by the next answers, not by the last": ([CHANGED, ANSWERS, ANSWERS, ANSWERS], [], [(0, 1)], None),
    "two changes, settled together": ([CHANGED, CHANGED, ANSWERS], [], [(0, 2), (1, 2)], None),
    "two changes, settled one by one": ([CHANGED, ANSWERS, CHANGED, ANSWERS], [], [(0, 1), (2, 3)], None),
    "two changes wait": ([ANSWERS, CHANGED, CHANGED], [1, 2], [], None),
    "unchanged, while a change waits": ([CHANGED, SAME], [0], [], None),
    "unchanged, then a change": ([SAME, CHANGED], [1], [], None),
    "unchanged, then a change that is settled": ([SAME, CHANGED, ANSWERS], [], [(1, 2)], None),
    "a change that is settled, then unchanged": ([CHANGED, ANSWERS, SAME], [], [(0, 1)], 2),
    "unchanged, a settled change, unchanged twice": ([SAME, CHANGED, ANSWERS, SAME, SAME], [], [(1, 2)], 4),
}


@pytest.mark.parametrize(("records", "waiting", "settled", "same"), REVIEWS.values(), ids=REVIEWS.keys())
def test_change_waits_until_answers_are_entered_after_it(
    records: list[Record], waiting: list[int], settled: list[tuple[int, int]], same: int | None
) -> None:
    made = HistoryFactory().begun()
    first = len(made.entries)
    for day, record in enumerate(records, 3):
        made.enter(day, record)
    history = made.ask(20).history
    entered = made.entries[first:]
    assert open_changes(history) == [(entered[place], CHANGED) for place in waiting]
    assert settled_changes(history) == [(entered[place], CHANGED, entered[by]) for place, by in settled]
    assert unchanged_since(history) == (entered[same] if same is not None else None)


def test_change_waits_where_no_answers_were_ever_entered_whatever_its_number() -> None:
    at = HistoryFactory().at(3)
    entry = Entry(1, at, CHANGED)
    assert open_changes(read(ISOTRETINOIN_US, [entry], at)) == [(entry, CHANGED)]
