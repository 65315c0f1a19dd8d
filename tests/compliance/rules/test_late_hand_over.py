"""A hand-over has a day of its own: which ones are taken, until when, and what counts from it (rules, 4.4 and 5.3)."""

from datetime import date

import pytest

from compliance.rules import authorizations
from compliance.rules.authorizations import late_until, refuse_dispense
from compliance.rules.history import History as Read
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    CategoryChanged,
    ConsentWithdrawn,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Dispensed,
    Enrolled,
    EntryStruck,
    FileLinked,
    LastDoseCorrected,
    PregnancyReported,
    PregnancyTest,
    Record,
    Reversed,
    StopCleared,
    Transferred,
)
from compliance.rules.refusals import Refused
from tests.histories import CAN, CANNOT, METHODS, HistoryFactory

START = date(2026, 11, 20)
EXPIRED, VOID = "authorization-expired", "authorization-void"


def history_with(*later: tuple[float, Record]) -> HistoryFactory:
    """Yes on day 31, to pharmacy P, good until day 37; then what happens later, by day."""
    history = HistoryFactory(START).begun().month(31)
    history.enter(31.1, Authorized("1", "P", 30, history.on(37)))
    for day, record in later:
        history.enter(day, record)
    return history


def seen(history: HistoryFactory, day: float) -> Read:
    return read(ISOTRETINOIN_US, history.entries, history.at(day))


#: Name -> (what happened since, asked on day, handed over on day (None: not said), what comes of it).
ASKED: dict[str, tuple[HistoryFactory, float, int | None, str | None]] = {
    "open, no day said": (history_with(), 33, None, None),
    "open, today": (history_with(), 33, 33, None),
    "open, an earlier day": (history_with(), 33, 32, None),
    "open, the day of the yes": (history_with(), 33, 31, None),
    "open, its last day": (history_with(), 37.49, 37, None),
    "expired, no day said": (history_with(), 38, None, EXPIRED),
    "expired, today": (history_with(), 38, 38, EXPIRED),
    "expired, its last day": (history_with(), 38, 37, None),
    "expired, the day after its last": (history_with(), 40, 38, EXPIRED),
    "expired long ago": (history_with(), 400, 31, None),
    "expired, another was issued since": (
        history_with((38, Authorized("2", "Q", 30, date(2027, 1, 3)))), 39, 36, EXPIRED),
    "expired, another was issued and given back": (
        history_with((38, Authorized("2", "Q", 30, date(2027, 1, 3))), (38.1, Reversed("2"))), 39, 36, EXPIRED),
    "expired, another course since": (
        history_with((38, Discontinued("r")), (39, Enrolled(CAN))), 40, 36, VOID),
    "expired, the course ended since": (history_with((38, Discontinued("r"))), 40, 37, None),
    "expired, another category since": (history_with((38, CategoryChanged(CANNOT, "hysterectomy"))), 40, 36, VOID),
    "void, the day before": (history_with((34, PregnancyReported())), 36, 33, None),
    "void, that day": (history_with((34, PregnancyReported())), 36, 34, VOID),
    "void in the last minute of that day": (history_with((34.499, PregnancyReported())), 36, 34, VOID),
    "void, today": (history_with((34, PregnancyReported())), 34.1, 34, VOID),
    "void, no day said": (history_with((34, PregnancyReported())), 36, None, VOID),
    "void on the day of the yes": (history_with((31.2, PregnancyReported())), 36, 31, VOID),
    "void twice, before the first": (history_with((35, Transferred("q")), (34, PregnancyReported())), 36, 33, None),
    "void twice, between the two": (history_with((34, PregnancyReported()), (36, Transferred("q"))), 37, 35, VOID),
    "void by a test collected before, and recorded after": (
        history_with((34, PregnancyTest(date(2026, 12, 20), "positive", "clinic"))), 36, 33, None),
    "void by a consent that was withdrawn": (history_with((34, ConsentWithdrawn("birth-defects"))), 36, 33, None),
    "void by a voided entry": (history_with((34, EntryStruck(6, "r"))), 36, 33, None),
    "void by a link": (history_with((34, FileLinked("f", "r"))), 36, 33, None),
    "void, and the stop was cleared since": (
        history_with((34, PregnancyReported()), (35, StopCleared("r"))), 36, 33, None),
    "void and expired, before both": (history_with((36, PregnancyReported())), 50, 35, None),
    "void after it had expired": (history_with((39, PregnancyReported())), 50, 37, None),
    "void after it had expired, past its last day": (history_with((39, PregnancyReported())), 50, 38, VOID),
    "a last dose that was corrected voids nothing": (
        history_with((34, Discontinued("r")), (35, LastDoseCorrected("r"))), 36, 33, None),
    "dispensed": (history_with((32, Dispensed("1"))), 33, 32, "authorization-dispensed"),
    "given back": (history_with((32, Reversed("1"))), 33, 32, "authorization-reversed"),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_which_hand_over_is_taken(name: str) -> None:
    history, day, on, code = ASKED[name]
    handed_over_on = None if on is None else history.on(on).isoformat()
    assert refuse_dispense(seen(history, day), "1", "P", handed_over_on) == code


@pytest.mark.parametrize("name", [name for name in ASKED if ASKED[name][3] in (EXPIRED, VOID, None)])
def test_what_is_taken_late_is_taken_until_that_day(name: str) -> None:
    """`late_until` says the same of every day at once."""
    history, day, _on, _code = ASKED[name]
    found = seen(history, day)
    one = authorizations.all_of(found)["1"]
    if one.overdue:
        for place in range(31, int(day)):
            taken = refuse_dispense(found, "1", "P", history.on(place)) is None
            assert taken is (history.on(place) <= late_until(found, one)), place


#: Name -> the last day of a hand-over that is entered on day 60; None: there is none.
UNTIL: dict[str, tuple[HistoryFactory, int | None]] = {
    "nothing happened": (history_with(), 37),
    "void on the day after the yes": (history_with((32, PregnancyReported())), 31),
    "void on the day of the yes": (history_with((31.2, PregnancyReported())), None),
    "void after the last day": (history_with((39, PregnancyReported())), 37),
    "another yes": (history_with((38, Authorized("2", "P", 30, date(2027, 1, 3)))), None),
    "another course": (history_with((34, Discontinued("r")), (35, Enrolled(CAN))), None),
    "another category": (history_with((34, CategoryChanged(CANNOT, "hysterectomy"))), None),
    "the end of the course": (history_with((34, Discontinued("r"))), 33),
    "what happened before the yes does not matter": (
        HistoryFactory(START).enter(0, Discontinued("r"), Enrolled(CAN)).begun().month(31)
        .enter(31.1, Authorized("1", "P", 30, date(2026, 12, 27))), 37),
}  # fmt: skip


@pytest.mark.parametrize("name", UNTIL)
def test_until_when_a_hand_over_can_be_entered_late(name: str) -> None:
    history, last = UNTIL[name]
    found = seen(history, 60)
    assert late_until(found, authorizations.all_of(found)["1"]) == history.on(30 if last is None else last)


#: Name -> (number, pharmacy, the day as plain data, the rule; or the code of the answer).
BAD: dict[str, tuple[str, str, object, str]] = {
    "a day to come": ("1", "P", "2026-12-24", "in-the-future"),
    "a day before the yes": ("1", "P", "2026-12-20", "before-the-authorization"),
    "no day": ("1", "P", "soon", "not-a-date"),
    "a number": ("1", "P", 3, "not-a-date"),
    "another pharmacy's, on a day to come": ("1", "Q", "2026-12-24", "authorization-unknown"),
    "an unknown one, on no day": ("9", "P", "soon", "authorization-unknown"),
}


@pytest.mark.parametrize("with_", ["nothing", "dispensed", "reversed", "void"])
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_after_unknown_and_before_all_else(name: str, with_: str) -> None:
    number, pharmacy, on, rule = BAD[name]
    later: dict[str, list[tuple[float, Record]]] = {
        "dispensed": [(32, Dispensed("1"))], "reversed": [(32, Reversed("1"))], "void": [(32, PregnancyReported())],
    }  # fmt: skip
    found = seen(history_with(*later.get(with_, [])), 33)
    if rule == "authorization-unknown":
        assert refuse_dispense(found, number, pharmacy, on) == rule
        return
    with pytest.raises(Refused) as refused:
        refuse_dispense(found, number, pharmacy, on)
    assert (refused.value.refusal.field, refused.value.refusal.rule) == ("handed_over_on", rule)


# --- what counts from it ------------------------------------------------------------------------------
def test_tests_count_from_the_day_of_the_hand_over() -> None:
    """Handed over on day 33, entered on day 45: a specimen of day 34 opens a window, one of day 33 does not."""
    for collected, opened in ((33, False), (34, True)):
        history = history_with((45, Dispensed("1", date(2026, 12, 23)))).test(collected, entered=45.1)
        window = history.ask(45.2).latest_window
        assert (window is not None) is opened, collected


#: Entered on day 45; handed over on; when the prescriber's part was recorded; whether it counts for the next month.
CYCLE = {
    "after the day of the hand-over": (33, 34.0, True),
    "at the midnight that ends it": (33, 33.5, True),
    "a minute before that midnight": (33, 33.499, False),
    "on the day of the entry, before it": (45, 44.9, False),
    "on the day of the entry, after it": (45, 45.1, True),
}


@pytest.mark.parametrize("name", CYCLE)
def test_the_month_begins_with_the_hand_over(name: str) -> None:
    on, recorded, counts = CYCLE[name]
    history = history_with()
    declared: list[Record] = [
        Counselled(history.on(31)), ContraceptionDeclared("prescriber", METHODS, history.on(0)),
    ]  # fmt: skip
    parts = [(recorded, record) for record in declared]
    handed = (45.0, Dispensed("1", None if on == 45 else history.on(on)))
    codes = history_with(*sorted([*parts, handed], key=lambda part: part[0])).codes(46)
    assert ("counselling-missing" in codes) is not counts
    assert ("contraception-missing:prescriber" in codes) is not counts


@pytest.mark.parametrize(("recorded", "counts"), [(33.499, False), (33.5, False), (33.501, True), (45.1, True)])
def test_the_visit_of_who_cannot_become_pregnant_follows_it_too(recorded: float, counts: bool) -> None:
    """In an edition that asks for one each month; it must come after the instant, not at it."""
    start = date(2024, 6, 1)
    history = HistoryFactory(start, category=CANNOT).sign().enter(30, Counselled(date(2024, 7, 1)))
    history.enter(31.1, Authorized("1", "P", 30, history.on(60)))
    visit, handed = (recorded, Counselled(history.on(33))), (45.0, Dispensed("1", history.on(33)))
    for day, record in sorted([visit, handed], key=lambda part: part[0]):
        history.enter(day, record)
    assert ("counselling-missing" in history.codes(46)) is not counts
