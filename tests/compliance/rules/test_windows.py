"""Windows at their edges, and what makes an authorization void."""

from datetime import date

import pytest

from compliance.rules import windows as rules
from compliance.rules.authorizations import voids
from compliance.rules.days import Span
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    CategoryChanged,
    ConsentSigned,
    ConsentWithdrawn,
    Counselled,
    Discontinued,
    Enrolled,
    EntryStruck,
    FileLinked,
    FileUnlinked,
    HomeTestingSet,
    PregnancyReported,
    PregnancyTest,
    Record,
    StopCleared,
    TransferOffered,
    Transferred,
)
from tests.compliance.rules.test_boundaries import MAY, OCTOBER, filled
from tests.histories import CAN, HistoryFactory


def windows(history: HistoryFactory, day: float) -> tuple[Span, ...]:
    seen = read(ISOTRETINOIN_US, history.entries, history.at(day))
    return rules.testing(seen, ISOTRETINOIN_US.edition_on(seen.day)).windows


def week(history: HistoryFactory, first: int) -> Span:
    return Span(history.on(first), history.on(first + 6))


def test_a_window_that_another_begins_in_is_not_missed() -> None:
    first, second = Span(date(2026, 12, 1), date(2026, 12, 7)), Span(date(2026, 12, 7), date(2026, 12, 13))
    assert rules.missed((first, second), date(2026, 12, 8)) == []
    assert rules.missed((first, second), date(2026, 12, 14)) == [second]
    late = Span(date(2026, 12, 8), date(2026, 12, 14))
    assert rules.missed((first, late), date(2026, 12, 8)) == [first]


@pytest.mark.parametrize(("day", "opens"), [(36, True), (37, True), (38, False), (49, False), (50, True)])
def test_a_test_in_the_window_opens_another_and_one_after_it_waits_for_the_lockout(day: int, opens: bool) -> None:
    history = HistoryFactory(MAY).begun().month(31).test(day, menses="first_five_days")
    assert windows(history, day) == (week(history, 31), *([week(history, day)] if opens else []))


@pytest.mark.parametrize(("day", "asked"), [(37, True), (38, False)])
def test_a_test_in_the_window_is_asked_for_its_menses_timing(day: int, asked: bool) -> None:
    """And one after it is not, in edition 2026."""
    history = HistoryFactory(OCTOBER).begun().month(31).test(day)
    assert (len(windows(history, day)) == 2) is not asked


def test_a_home_test_is_permitted_from_the_instant_of_the_permission_on() -> None:
    for permitted, opens in ((0, True), (0.001, False)):
        history = filled().enter(55 + permitted, HomeTestingSet(True)).test(55, setting="home")
        assert bool(windows(history, 56)) is opens


VOIDS: dict[str, tuple[Record, bool]] = {
    "a positive test": (PregnancyTest(OCTOBER, "positive", "home"), True),
    "a negative test": (PregnancyTest(OCTOBER, "negative", "home"), False),
    "a report of pregnancy": (PregnancyReported(), True),
    "another category": (CategoryChanged(CAN, "r"), True),
    "a withdrawal": (ConsentWithdrawn("d"), True),
    "a signature": (ConsentSigned("d", "patient"), False),
    "an end": (Discontinued("r"), True),
    "an enrolment": (Enrolled(CAN), False),
    "a striking": (EntryStruck(1, "r"), True),
    "a transfer": (Transferred("q"), True),
    "an offer": (TransferOffered("q"), False),
    "a link": (FileLinked("b", "r"), True),
    "the end of a link": (FileUnlinked("b", "r"), True),
    "a clearing": (StopCleared("r"), False),
    "a visit": (Counselled(OCTOBER), False),
}


@pytest.mark.parametrize("name", VOIDS)
def test_what_makes_an_authorization_void(name: str) -> None:
    record, makes_void = VOIDS[name]
    assert voids(record) is makes_void
