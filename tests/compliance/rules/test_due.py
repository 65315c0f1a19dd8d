"""Which notices are due, to whom, from when and until when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from compliance.rules import due
from compliance.rules.due import Notice
from compliance.rules.gate import assess
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    ConsentWithdrawn,
    ContraceptionDeclared,
    Discontinued,
    Dispensed,
    PregnancyReported,
    Reversed,
)
from tests.compliance.rules.test_boundaries import MAY, OCTOBER, filled, ready
from tests.histories import ALWAYS, METHODS, NEW_YORK, HistoryFactory

SIDES = ("patient", "prescriber")

#: What is due by the days of the history: kind, key, to, due on, until, `by`.
type Due = tuple[str, str, str, int, int, int | None]


def begun(start: date = OCTOBER) -> HistoryFactory:
    return HistoryFactory(start).begun()


def in_the_window() -> HistoryFactory:
    return begun().test(31, menses="first_five_days")


def authorized(start: date = OCTOBER) -> HistoryFactory:
    history = ready(start)
    return history.enter(31.1, Authorized("1", "P", 30, history.on(37)))


def short_supply() -> HistoryFactory:
    history = ready()
    return history.enter(31.1, Authorized("1", "P", 5, history.on(37)), Dispensed("1"))


def ended() -> HistoryFactory:
    return filled().enter(40, Discontinued("r", filled().on(39)))


def both(history: HistoryFactory, first: int, key: str = "test-due") -> list[Due]:
    """A test to the patient and the prescriber, for thirty days."""
    return [("test-due", f"{key}:{history.on(first)}:{to}", to, first, first + 30, None) for to in SIDES]


def owed(first: int, key: str) -> list[Due]:
    return [("test-due", f"{key}:{ended().on(first)}:{to}", to, first, first + 365, None) for to in SIDES]


def closing(*to: str) -> list[Due]:
    """The window of days 31 to 37 closes; two days before."""
    return [("window-closing", f"window-closing:{ready().on(31)}:{one}", one, 36, 38, 37) for one in to]


#: Name -> (a history, the day of the question, what is due then or later).
DUE: dict[str, tuple[Callable[[], HistoryFactory], float, list[Due]]] = {
    "no test before the methods are declared": (
        lambda: HistoryFactory(OCTOBER).sign().test(0, setting="clinic"), 1, []),
    "no second test before a first": (
        lambda: HistoryFactory(OCTOBER).sign().enter(0, ContraceptionDeclared("prescriber", METHODS, OCTOBER)), 1, []),
    "the second test at the end of the lead-in": (begun, 1, both(begun(), 30)),
    "the second test nineteen days after a late first": (
        lambda: HistoryFactory(OCTOBER).sign().enter(0, ContraceptionDeclared("prescriber", METHODS, OCTOBER))
        .test(15, setting="clinic"), 16, both(begun(), 34)),
    "the next test a week before the supply ends": (filled, 40, both(filled(), 54)),
    "the next test after a short supply on the day after": (short_supply, 33, both(filled(), 32)),
    "a new test the day after a window": (ready, 40, both(ready(), 38)),
    "a new test after the lockout": (lambda: ready(MAY), 40, both(ready(MAY), 50)),
    "no lockout after a fill": (lambda: filled(MAY).test(55), 70, both(filled(MAY), 62)),
    "nobody is asked for a test while stopped": (lambda: begun().enter(1, PregnancyReported()), 2, []),
    "a window closes on whoever still has to act": (in_the_window, 32, closing("patient", "prescriber")),
    "a window closes on the patient who only fetches": (ready, 32, closing("patient")),
    "a window closes on the patient whose pharmacy has a yes": (authorized, 32, closing("patient")),
    "a window closes on its last day too": (ready, 37.4, closing("patient")),
    "no window closes on who is stopped": (lambda: ready().enter(31.2, PregnancyReported()), 32, []),
    "both tests after treatment": (
        ended, 41, [*owed(39, "end-of-treatment-test"), *owed(69, "month-after-test")]),
    "one test after treatment is left": (
        lambda: ended().test(41), 42, owed(69, "month-after-test")),
}  # fmt: skip


def midnight(on: date) -> datetime:
    return datetime.combine(on, time(), NEW_YORK).astimezone(UTC)


def notice(history: HistoryFactory, expected: tuple[str, str, str, int, int, int | None]) -> Notice:
    kind, key, to, first, until, by = expected
    return Notice(
        kind,
        key,
        to,
        midnight(history.on(first)),
        midnight(history.on(until)),
        None if by is None else history.on(by),
        "",
    )


@pytest.mark.parametrize("name", DUE)
def test_what_is_due(name: str) -> None:
    make, day, expected = DUE[name]
    history = make()
    found = due.notices(history.ask(day))
    assert found == [notice(history, one) for one in expected]


def test_a_pharmacy_hears_of_a_yes_that_expired_at_the_midnight_after_it() -> None:
    history = authorized()
    (found,) = (one for one in due.notices(history.ask(40)) if one.to == "pharmacy")
    first = midnight(history.on(38))
    key = "authorization-overdue:1"
    assert found == Notice("authorization-overdue", key, "pharmacy", first, first + timedelta(days=3650), None, "P")


def test_a_pharmacy_hears_of_a_yes_that_is_void_at_once() -> None:
    history = authorized().enter(33, ConsentWithdrawn("birth-defects"))
    (found,) = (one for one in due.notices(history.ask(34)) if one.to == "pharmacy")
    assert found.due_at == history.at(34)


def test_what_is_due_first_stands_first() -> None:
    found = due.notices(authorized().enter(33, ConsentWithdrawn("birth-defects")).ask(34))
    assert [one.kind for one in found] == ["authorization-overdue", "window-closing"]


def test_no_pharmacy_hears_of_a_yes_that_was_used_or_given_back() -> None:
    for end in (Dispensed("1"), Reversed("1")):
        found = due.notices(authorized().enter(31.2, end).ask(40))
        assert not [one for one in found if one.to == "pharmacy"]


def test_every_overdue_yes_is_told() -> None:
    history = authorized().enter(31.2, Dispensed("1")).month(55)
    history.enter(55.1, Authorized("2", "Q", 30, history.on(61)))
    assert [one.pharmacy for one in due.notices(history.ask(63)) if one.to == "pharmacy"] == ["Q"]


#: Name -> (a history, the day of the question, the day, a midnight or a part of it, of what comes next).
NEXT: dict[str, tuple[Callable[[], HistoryFactory], float, float]] = {
    "the end of the lead-in": (begun, 1, 30),
    "the closing of a window, before it is over": (ready, 32, 36),
    "the window's end, once its closing was told": (ready, 36.5, 38),
    "the next test": (filled, 40, 54),
}


@pytest.mark.parametrize("name", NEXT)
def test_what_comes_next(name: str) -> None:
    make, day, coming = NEXT[name]
    history = make()
    assert due.next_due(history.ask(day)) == midnight(history.on(int(coming)))


def test_a_notice_of_this_instant_is_none_that_comes() -> None:
    history = begun()
    at = history.at(30) - timedelta(hours=12)
    assert at == midnight(history.on(30))
    assert due.next_due(history.ask(29.5)) != at


def test_a_notice_is_due_at_a_midnight_of_the_programs_zone() -> None:
    history = begun()
    program = replace(ISOTRETINOIN_US, zone="America/Chicago")
    found = due.notices(assess(program, history.entries, at=history.at(1), prescribers={"p": ALWAYS}))
    assert {one.due_at for one in found} == {midnight(history.on(30)) + timedelta(hours=1)}
