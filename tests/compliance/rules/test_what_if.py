"""What another edition would have answered to the fills of a history."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from compliance.rules.editions import NoEdition, Program
from compliance.rules.history import History, read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import Authorized, ComprehensionPassed, Counselled, Dispensed, Reversed
from compliance.rules.what_if import FillAnswer, fill_answers, under
from tests.histories import CANNOT, HistoryFactory, by_practice


def _filled(history: HistoryFactory, day: float, *, number: str = "AAAAAAAA") -> HistoryFactory:
    on = history.on(int(day))
    record = Authorized(number, "pharmacy", 30, history.on(int(day) + 6), first_day=on)
    return history.enter(day, record).enter(day, Dispensed(number))


def _in_a_laboratory() -> HistoryFactory:
    return _filled(HistoryFactory().begun().month(31), 33)


def _in_a_clinic() -> HistoryFactory:
    return _filled(HistoryFactory().begun().month(31, "clinic"), 33)


def _after_a_missed_window() -> HistoryFactory:
    """The window of day 31 is missed. A test on day 40 lies in the lockout of 19 days; that on day 50 does not."""
    history = HistoryFactory(date(2024, 1, 1)).begun().month(31, without=[ComprehensionPassed])
    return _filled(history.month(40).month(50), 51)


def _visits_once() -> HistoryFactory:
    """One who cannot become pregnant, with one visit; the second fill is after another."""
    history = HistoryFactory(category=CANNOT).sign()
    history.enter(1, Counselled(history.on(1)))
    _filled(history, 2).enter(34, Counselled(history.on(34)))
    return _filled(history, 36, number="BBBBBBBB")


def _within_the_hour() -> HistoryFactory:
    """Enrolled, counselled and filled at one instant, as a practice may enter what was on paper."""
    return _filled(HistoryFactory(category=CANNOT).sign().enter(0, Counselled(date(2026, 10, 1))), 0)


def _before_the_first_edition() -> HistoryFactory:
    """All was there on 1 December 2021, and the first edition is in force from the 13th."""
    history = HistoryFactory(date(2021, 12, 1), category=CANNOT).sign()
    return _filled(history.enter(0, Counselled(history.start)), 14)


def _twelve_on(birthday: date) -> HistoryFactory:
    """Filled before the birthday, on 21 November 2026: nothing else was lacking."""
    history = HistoryFactory(date(2026, 11, 20), birthday.replace(year=birthday.year - 12), CANNOT)
    return _filled(history.sign("patient", "guardian").enter(0, Counselled(history.start)), 1)


#: The fills, the edition, and of each fill how it would have been.
CASES: dict[str, tuple[Callable[[], HistoryFactory], str, list[str]]] = {
    "the edition of then": (_in_a_laboratory, "2023", ["same"]),
    "a laboratory's test under the older one": (_in_a_laboratory, "2021", ["same"]),
    "a clinic's test under the older one": (_in_a_clinic, "2021", ["refused"]),
    "a clinic's test under the newer one": (_in_a_clinic, "2026", ["same"]),
    "no lockout under the newer one": (_after_a_missed_window, "2026", ["earlier"]),
    "the lockout of then": (_after_a_missed_window, "2023", ["same"]),
    "no second visit under the newer one": (_visits_once, "2026", ["same", "earlier"]),
    "enrolled and filled at one instant": (_within_the_hour, "2026", ["same"]),
    "no yes before the first edition": (_before_the_first_edition, "2021", ["earlier"]),
    "old enough on the last day that is looked at": (lambda: _twelve_on(date(2027, 1, 20)), "2026", ["later"]),
    "old enough a day after it": (lambda: _twelve_on(date(2027, 1, 21)), "2026", ["refused"]),
    "nothing was filled": (lambda: HistoryFactory().begun().month(31), "2026", []),
}


def _asked(history: HistoryFactory, edition: str) -> list[FillAnswer]:
    def read_before(program: Program, number: int, at: datetime) -> History:
        return read(program, [entry for entry in history.entries if entry.number < number], at)

    return fill_answers(history.ask(60).history, read_before, edition)


def _answers(history: HistoryFactory, edition: str) -> list[str]:
    return [answer.kind for answer in _asked(history, edition)]


@pytest.mark.parametrize("name", CASES)
def test_each_fill_would_have_been(name: str) -> None:
    history, edition, kinds = CASES[name]
    assert _answers(history(), edition) == kinds


def test_a_test_that_came_later_does_not_help_an_earlier_fill() -> None:
    history = _in_a_clinic()
    history.enter(35, *by_practice(history.on(35)))
    assert _answers(history, "2021") == ["refused"]


def test_an_authorization_that_was_open_is_not_in_the_way() -> None:
    """Authorized on day 31, reversed and authorized again on day 33: the month was done on day 31."""
    history = HistoryFactory(date(2026, 11, 20)).begun().month(31)
    history.enter(31.1, Authorized("AAAAAAAA", "pharmacy", 30, history.on(37))).enter(33, Reversed("AAAAAAAA"))
    done = history.on(31)
    assert _asked(_filled(history, 33.1, number="BBBBBBBB"), "2026") == [FillAnswer("BBBBBBBB", done, done)]


def test_an_edition_is_alone_in_force_from_the_beginning() -> None:
    program = under(ISOTRETINOIN_US, "2026")
    assert [edition.code for edition in program.editions] == ["2026"]
    assert program.edition_on(HistoryFactory().on(-5000)).code == "2026"
    with pytest.raises(NoEdition):
        under(ISOTRETINOIN_US, "1999")


def test_an_edition_that_was_corrected_later_is_asked_as_it_is_known_now() -> None:
    edition = ISOTRETINOIN_US.edition("2023")
    corrected = replace(edition, version=edition.version + 1, known_from=date(2026, 12, 1))
    program = replace(ISOTRETINOIN_US, editions=(*ISOTRETINOIN_US.editions, corrected))
    asked = under(program, "2023").edition_on(date(2024, 1, 1))
    assert (asked.code, asked.version) == ("2023", corrected.version)
