"""Windows at their edges, and what makes an authorization void."""

from dataclasses import replace
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
    assert rules.missed((first, second, late), date(2026, 12, 15)) == [late]


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


#: Unlike each edition there was, it asks for another place in each phase, and takes a retest where no second test is.
APART = replace(
    ISOTRETINOIN_US.edition("2026"), screening=frozenset({"clinic"}), confirmatory=frozenset({"laboratory"}),
    retest=frozenset({"clinic"}), monthly=frozenset({"laboratory", "home"}),
)  # fmt: skip


def in_the_window() -> HistoryFactory:
    """Screened in a clinic, with a window of days 31 to 37."""
    return HistoryFactory(OCTOBER).begun().test(31, menses="first_five_days")


#: Name -> (a history, the day of a test, where it is asked for).
PLACES: dict[str, tuple[HistoryFactory, int, frozenset[str]]] = {
    "the first test": (HistoryFactory(OCTOBER).sign(), 1, APART.screening),
    "the second test": (HistoryFactory(OCTOBER).begun(), 31, APART.confirmatory),
    "another one on the window's last day": (in_the_window(), 37, APART.confirmatory),
    "a retest, the day after": (in_the_window(), 38, APART.retest),
    "the month's": (filled(), 55, APART.monthly),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_test_is_asked_for_where_it_counts_in_its_phase(name: str) -> None:
    history, day, places = PLACES[name]
    before = rules.testing(read(ISOTRETINOIN_US, history.entries, history.at(day)), APART)
    assert rules.settings_asked(APART, before, history.on(day)) == places
    entries = len(history.entries)
    for place in ("laboratory", "clinic"):
        history.test(day, setting=place, menses="first_five_days")
        after = rules.testing(read(ISOTRETINOIN_US, history.entries, history.at(day)), APART)
        counts = (after.windows, after.screening) != (before.windows, before.screening)
        assert counts is (place in places), place
        del history.entries[entries:]


def test_after_treatment_a_test_is_asked_for_where_the_months_is() -> None:
    assert rules.settings_asked(APART, None, OCTOBER) == APART.monthly


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
