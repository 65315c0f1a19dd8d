"""The patient's part of the month: from when it counts, and who acts on a missing item (rules, 4.4 and 5)."""

from datetime import date, timedelta

import pytest

from compliance.rules import windows
from compliance.rules.blockers import GUARDIAN, NOBODY, PATIENT, rule
from compliance.rules.change import next_change
from compliance.rules.days import midnight, zone
from compliance.rules.history import read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    ComprehensionPassed,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Dispensed,
    PregnancyTest,
    Record,
)
from compliance.rules.stages import steps
from tests.histories import METHODS, HistoryFactory

START = date(2026, 11, 20)
OTHER = ("iud", "sponge")
OWN: list[Record] = [ContraceptionDeclared("patient", METHODS), ComprehensionPassed()]
ASKED = {"contraception-missing:patient", "comprehension-missing"}


def begun(*parts: tuple[float, Record], test: bool = True) -> HistoryFactory:
    """A course whose window goes from day 31 to 37, the prescriber's part done, and `parts` by day."""
    history = HistoryFactory(START).begun()
    own: list[tuple[float, Record]] = [
        (31, Counselled(history.on(31))),
        (31, ContraceptionDeclared("prescriber", METHODS, history.on(0))),
    ]
    if test:
        own.append((31, PregnancyTest(history.on(31), "negative", "laboratory", "first_five_days")))
    for day, record in sorted([*own, *parts], key=lambda part: part[0]):
        history.enter(day, record)
    return history


def at(day: float) -> list[tuple[float, Record]]:
    return [(day, record) for record in OWN]


def start_of(history: HistoryFactory, day: float) -> object:
    found = read(ISOTRETINOIN_US, history.entries, history.at(day))
    return windows.patient_part_start(found, windows.testing(found, ISOTRETINOIN_US.edition_on(found.day)))


def midnight_of(history: HistoryFactory, day: int) -> object:
    return midnight(history.on(day), zone(ISOTRETINOIN_US.zone))


#: Name -> (the parts, asked on day, whether the patient's part is there). Noon is `.0`, midnight `.5` before it.
COUNTS: dict[str, tuple[HistoryFactory, float, bool]] = {
    "after the test": (begun(*at(31.1)), 31.2, True),
    "on the test's day, before it": (begun(*at(30.6)), 31.2, True),
    "at the midnight that begins its day": (begun(*at(30.5)), 31.2, True),
    "a minute before that midnight": (begun(*at(30.499)), 31.2, False),
    "on the window's last day": (begun(*at(37.49)), 37.495, True),
    "once the window is over": (begun(*at(31.1)), 37.5, False),
    "without a test": (begun(*at(31.1), test=False), 31.2, False),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTS)
def test_from_when_it_counts(name: str) -> None:
    history, day, counts = COUNTS[name]
    assert (set(history.codes(day)) & ASKED == set()) is counts


def test_a_retest_in_an_open_window_asks_anew_by_the_letter() -> None:
    """The latest test that opened a window gives the day; one that opens none gives none."""
    done = begun(*at(32))
    assert start_of(done, 34) == midnight_of(done, 31)
    opens = begun(*at(32), (34, PregnancyTest(START + timedelta(days=33), "negative", "laboratory", "first_five_days")))
    assert start_of(opens, 34) == midnight_of(opens, 33)
    assert set(opens.codes(34)) == ASKED
    same = begun(*at(32), (34, PregnancyTest(START + timedelta(days=32), "negative", "laboratory", "first_five_days")))
    assert opens.ask(34).latest_window != same.ask(34).latest_window
    assert same.codes(34) == (), "said on the very day on which the retest was collected"
    none = begun(*at(32), (34, PregnancyTest(START + timedelta(days=33), "negative", "laboratory")))
    assert none.codes(34) == (), "a retest without its menses timing opens nothing"


def test_after_a_fill_on_the_windows_first_day_it_counts_from_the_fill() -> None:
    history = begun(*at(31.05), (31.1, Authorized("1", "P", 30, START + timedelta(days=37))), (31.2, Dispensed("1")))
    history.enter(32, PregnancyTest(history.on(32), "negative", "clinic"))
    assert start_of(history, 32.1) == midnight_of(history, 32)
    assert set(history.codes(32.1)) >= ASKED


#: Name -> (history, asked on day, who acts on both of the patient's blockers).
ACTS = {
    "no test yet": (begun(test=False), 32.0, NOBODY),
    "a window is open": (begun(), 32.0, PATIENT),
    "on its last day": (begun(), 37.49, PATIENT),
    "the window is over": (begun(), 37.5, NOBODY),
}


@pytest.mark.parametrize("name", ACTS)
def test_nobody_is_asked_before_it_counts(name: str) -> None:
    history, day, who = ACTS[name]
    answer = history.ask(day)
    assert {b.who for b in answer.blockers if b.code in ASKED} == {(who,)}
    own = {rule(code).step for code in ASKED}
    assert own & {*steps(answer)[PATIENT]} == (own if who == PATIENT else set())


MISMATCH: dict[str, tuple[HistoryFactory, float, bool]] = {
    "both this month": (begun((32, ContraceptionDeclared("patient", OTHER))), 33, True),
    "the patient's is of before the window": (begun((30, ContraceptionDeclared("patient", OTHER))), 33, False),
    "put right": (begun((32, ContraceptionDeclared("patient", OTHER)), *at(32.5)), 33, False),
    "in another order": (begun((32, ContraceptionDeclared("patient", METHODS[::-1]))), 33, False),
    "the window is over": (begun((32, ContraceptionDeclared("patient", OTHER))), 38, False),
}


@pytest.mark.parametrize("name", MISMATCH)
def test_a_mismatch_is_of_what_counts_on_both_sides(name: str) -> None:
    history, day, differs = MISMATCH[name]
    assert ("contraception-mismatch" in history.codes(day)) is differs


# --- coming of age ----------------------------------------------------------------------------------------
def test_from_the_birthday_on_the_patient_acts_on_a_guardians_missing_signature() -> None:
    """Born on 25 December 2008: of age on day 35, from its midnight on. It is announced as a change."""
    history = HistoryFactory(START, date(2008, 12, 25)).begun().month(31)
    code = "guardian-signature-missing:birth-defects"
    for day, who in ((34.499, GUARDIAN), (34.5, PATIENT), (60, PATIENT)):
        assert {b.who for b in history.ask(day).blockers if b.code == code} == {(who,)}, day
        assert "sign:birth-defects" in steps(history.ask(day))[who], day
    change = next_change(history.ask(34))
    assert change is not None
    assert change <= history.at(34.5)


def test_a_signature_of_an_adult_needs_no_guardian() -> None:
    history = HistoryFactory(START, date(2008, 12, 25)).begun().month(31)
    assert len(history.codes(36)) == 2
    for document in ("patient-information", "birth-defects"):
        history.enter(36, ConsentSigned(document, "patient"))
    assert history.codes(36) == ()
