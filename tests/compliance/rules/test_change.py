"""Every midnight at which an answer can change although nothing is recorded, one after the other."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time

import pytest

from compliance.rules.assessment import GateQuestion
from compliance.rules.certification import Spans
from compliance.rules.change import next_change
from compliance.rules.days import Span
from compliance.rules.gate import judge
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import Authorized, Counselled, Discontinued, FileLinked
from tests.compliance.rules.test_boundaries import JUNE, MAY, OCTOBER, filled, ready
from tests.histories import ALWAYS, CANNOT, NEW_YORK, HistoryFactory

#: A day on which nothing else changes, long after.
NEVER = date(2099, 1, 2)


def changes(
    history: HistoryFactory, day: float, prescriber: Spans = ALWAYS, pharmacy: Spans | None = None
) -> Iterator[date]:
    """From midnight to midnight."""
    at = history.at(day)
    while True:
        seen = read(ISOTRETINOIN_US, history.entries, at)
        found = next_change(judge(seen, prescribers={"p": prescriber}, question=GateQuestion(pharmacy=pharmacy)))
        if found is None:
            return
        on = found.astimezone(NEW_YORK).date()
        assert found == datetime.combine(on, time(), NEW_YORK).astimezone(UTC)
        at = found
        yield on


def authorized() -> HistoryFactory:
    history = ready()
    return history.enter(31.1, Authorized("1", "P", 30, history.on(35)))


def ended() -> HistoryFactory:
    return filled().enter(40, Discontinued("r", filled().on(39)))


#: Name -> (a history, the day of the question, the days from then on at which something can change).
CHANGES: dict[str, tuple[Callable[[], HistoryFactory], float, list[int]]] = {
    "the lead-in ends": (lambda: HistoryFactory(OCTOBER).begun(), 1, [30]),
    "a window ends": (ready, 32, [38]),
    "a window ends, and then the lockout": (lambda: ready(MAY), 32, [38, 50]),
    "an authorization ends before its window": (authorized, 32, [36, 38]),
    "a visit's days end": (
        lambda: HistoryFactory(JUNE, category=CANNOT).sign().enter(0, Counselled(JUNE)), 1, [31]),
    "what is owed falls due, and the gap ends": (ended, 41, [69, 95]),
    "the gap ends, on the day before": (ended, 94, [95]),
    "two windows end": (lambda: filled().test(50).test(53), 54, [57, 60]),
    "it was the first dose's lockout": (lambda: filled(MAY).test(55), 56, [62, 74]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_when_an_answer_can_change(name: str) -> None:
    make, day, expected = CHANGES[name]
    history = make()
    editions = {edition.in_force_from for edition in ISOTRETINOIN_US.editions}
    assert [on for on in changes(history, day) if on not in editions and on < NEVER] == [
        history.on(one) for one in expected
    ]


def test_an_edition_changes_the_answer_on_its_first_day() -> None:
    assert list(changes(HistoryFactory(MAY).sign(), 1))[:2] == [date(2023, 10, 3), date(2026, 11, 15)]


def test_birthdays_change_the_answer() -> None:
    """The least age, and that from which a patient signs alone."""
    found = list(changes(HistoryFactory(OCTOBER, born_on=date(2015, 1, 10)), 1))
    assert found[:2] == [date(2027, 1, 10), date(2033, 1, 10)]


def test_a_certification_changes_the_answer_on_its_first_day_and_after_its_last() -> None:
    history = HistoryFactory(OCTOBER).sign()
    span = (Span(history.on(5), history.on(7)),)
    expected = [history.on(5), history.on(8)]
    assert list(changes(history, 1, prescriber=span)) == expected
    assert list(changes(history, 1, pharmacy=span))[:2] == expected


def test_an_authorization_of_a_linked_file_changes_the_answer_when_it_ends() -> None:
    history, other = HistoryFactory(OCTOBER).sign(), authorized()
    history.enter(31.2, FileLinked("other", "r"))
    files = {"other": [*other.entries, *HistoryFactory(OCTOBER).enter(31.2, FileLinked("", "r")).entries[-1:]]}
    seen = read(ISOTRETINOIN_US, history.entries, history.at(32), files)
    assert len(seen.linked) == 1
    found = next_change(judge(seen, prescribers={"p": ALWAYS}))
    assert found is not None
    assert found.astimezone(NEW_YORK).date() == history.on(36)


def test_nothing_changes_once_all_is_over() -> None:
    history = HistoryFactory(OCTOBER, born_on=date(2001, 4, 2))
    assert list(changes(history, 1, prescriber=())) == []
