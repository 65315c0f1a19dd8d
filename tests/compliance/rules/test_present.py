"""What became of an authorization, and what a pharmacist may do with it now (rules, section 5.3)."""

from datetime import date

import pytest

from compliance.rules.assessment import STATUS, GateQuestion
from compliance.rules.certification import Spans
from compliance.rules.history import read
from compliance.rules.present import PresentState, in_the_way, present_state
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    BirthDateCorrected,
    CategoryChanged,
    ContraceptionDeclared,
    Discontinued,
    Dispensed,
    PregnancyReported,
    Record,
    Reversed,
    Transferred,
)
from tests.histories import ALWAYS, CANNOT, OTHER_METHODS, HistoryFactory

type Happened = tuple[float, Record]

START = date(2026, 11, 20)
#: No certification.
NONE: Spans = ()


def issued(history: HistoryFactory, day: int, last: int, number: str = "1") -> HistoryFactory:
    """Yes to pharmacy P on that day, whatever was entered before; good until day `last`."""
    return history.enter(day + 0.1, Authorized(number, "P", 30, history.on(last)))


def history_with(*later: Happened, start: date = START) -> HistoryFactory:
    """Yes on day 31, after all that the gate asks for, good until day 37; then what happens later, by day."""
    history = issued(HistoryFactory(start).begun().month(31), 31, 37)
    for day, record in later:
        history.enter(day, record)
    return history


def second(day: float) -> Happened:
    """Another authorization, after the first."""
    return day, Authorized("2", "P", 30, HistoryFactory(START).on(60))


def stands(history: HistoryFactory, day: float, number: str = "1", *, prescriber: Spans = ALWAYS,
           pharmacy: Spans = ALWAYS) -> PresentState:  # fmt: skip
    found = present_state(
        read(ISOTRETINOIN_US, history.entries, history.at(day)), number,
        prescribers={"p": prescriber, "q": prescriber}, pharmacy=pharmacy,
    )  # fmt: skip
    assert found is not None
    return found


# --- what became of it --------------------------------------------------------------------------------
#: Name -> (what happened since, asked on day, state, which hand-over can be entered, the day of the one that was).
STATES: dict[str, tuple[tuple[Happened, ...], float, str, str, int | None]] = {
    "open": ((), 33, "open", "now", None),
    "open, right after the yes": ((), 31.1, "open", "now", None),
    "open, the last minute of its last day": ((), 37.499, "open", "now", None),
    "expired, the midnight after": ((), 37.5, "expired", "before", None),
    "expired long ago": ((), 400, "expired", "before", None),
    "expired, and another was issued since": ((second(39),), 40, "expired", "none", None),
    "expired, and another was issued and given back": (
        (second(39), (39.1, Reversed("2"))), 40, "expired", "none", None),
    "expired, and the course has ended since": (((39, Discontinued("r")),), 40, "void", "before", None),
    "void": (((34, PregnancyReported()),), 34.1, "void", "before", None),
    "void on the day after the yes: that of the yes is left": (
        ((32, PregnancyReported()),), 36, "void", "before", None),
    "void on the day of the yes: no day is left": (((31.2, PregnancyReported()),), 36, "void", "none", None),
    "void, and another category since": (
        ((34, CategoryChanged(CANNOT, "hysterectomy")),), 36, "void", "none", None),
    "void by another prescriber, and expired since": (((34, Transferred("q")),), 50, "void", "before", None),
    "given back": (((32, Reversed("1")),), 33, "reversed", "none", None),
    "given back after it had expired": (((39, Reversed("1")),), 40, "reversed", "none", None),
    "dispensed, without a day of its own": (((33, Dispensed("1")),), 36, "dispensed", "none", 33),
    "dispensed late in the evening, which is the next day in UTC": (
        ((33.499, Dispensed("1")),), 36, "dispensed", "none", 33),
    "dispensed, and entered later": (
        ((36, Dispensed("1", date(2026, 12, 23))),), 36.1, "dispensed", "none", 33),
    "dispensed, and entered after it had expired": (
        ((45, Dispensed("1", date(2026, 12, 27))),), 46, "dispensed", "none", 37),
    "dispensed, and a stop since": (((33, Dispensed("1")), (34, PregnancyReported())), 36, "dispensed", "none", 33),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_what_became_of_an_authorization_and_which_hand_over_can_be_entered(name: str) -> None:
    happened, day, state, hand_over, on = STATES[name]
    history = history_with(*happened)
    found = stands(history, day)
    assert (found.fact.state, found.hand_over) == (state, hand_over)
    assert found.handed_over_on == (None if on is None else history.on(on))
    assert found.allowed is (hand_over == "now"), "the page of the pharmacy and its JSON say the same"


@pytest.mark.parametrize("name", [name for name in STATES if STATES[name][2] != "open"])
def test_of_one_that_is_not_open_nothing_is_asked(name: str) -> None:
    """It says what became of it, not what else would stand in the way."""
    happened, day, *_ = STATES[name]
    found = stands(history_with(*happened), day, prescriber=NONE, pharmacy=NONE)
    assert (found.blockers, found.edition, found.allowed) == ((), None, False)


def test_each_number_has_its_own_state() -> None:
    history = history_with((32, Reversed("1")), second(33))
    assert (stands(history, 34, "1").fact.state, stands(history, 34, "2").fact.state) == ("reversed", "open")
    assert stands(history, 34, "2").fact.record.dispense_by == history.on(60)


@pytest.mark.parametrize(("number", "day"), [("2", 33), ("1", 31)], ids=["another number", "before it was issued"])
def test_there_is_no_such_authorization(number: str, day: float) -> None:
    history = history_with()
    found = read(ISOTRETINOIN_US, history.entries, history.at(day))
    assert present_state(found, number, prescribers={"p": ALWAYS}, pharmacy=ALWAYS) is None


# --- what stands in the way of one that is open -------------------------------------------------------
YOUNG, CHILD = date(2010, 4, 2), date(2016, 4, 2)
GUARDIANS = ("guardian-signature-missing:patient-information", "guardian-signature-missing:birth-defects")

#: Name -> (what happened since, the prescriber's and the pharmacy's certifications, what stands in the way).
IN_THE_WAY: dict[str, tuple[tuple[Happened, ...], Spans, Spans, tuple[str, ...]]] = {
    "nothing": ((), ALWAYS, ALWAYS, ()),
    "the prescriber's certification ended": ((), NONE, ALWAYS, ("prescriber-not-certified",)),
    "the pharmacy's certification ended": ((), ALWAYS, NONE, ("pharmacy-not-certified",)),
    "both": ((), NONE, NONE, ("prescriber-not-certified", "pharmacy-not-certified")),
    "the patient is a minor after all": (((32, BirthDateCorrected(YOUNG, "r")),), ALWAYS, ALWAYS, GUARDIANS),
    "the patient is a child after all": (
        ((32, BirthDateCorrected(CHILD, "r")),), ALWAYS, ALWAYS, ("under-age", *GUARDIANS)),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_what_stands_in_the_way_of_a_hand_over_now(name: str) -> None:
    """It hinders one of now; one that was before is still entered."""
    happened, prescriber, pharmacy, codes = IN_THE_WAY[name]
    found = stands(history_with(*happened), 33, prescriber=prescriber, pharmacy=pharmacy)
    assert tuple(blocker.code for blocker in found.blockers) == codes
    assert (found.fact.state, found.hand_over) == ("open", "before" if codes else "now")
    assert found.allowed is (not codes)


#: What an open authorization has settled: name -> (a history in which it stands all the same, asked on day, for so many
#: days, all blockers but the one that it is open). An edition that begins meanwhile can ask for what none asked then.
SETTLED: dict[str, tuple[HistoryFactory, float, GateQuestion, tuple[str, ...]]] = {
    "the prescriber names other methods": (
        history_with((32, ContraceptionDeclared("prescriber", OTHER_METHODS, date(2026, 11, 20)))), 33, STATUS,
        ("contraception-mismatch",)),
    "another test asks the patient anew": (
        history_with().test(33, menses="first_five_days"), 34, STATUS,
        ("contraception-missing:patient", "comprehension-missing")),
    "more days": (history_with(), 33, GateQuestion(days_supply=31), ("supply-too-long",)),
    "nothing of the month": (
        issued(HistoryFactory(START).sign(), 31, 37), 33, STATUS,
        ("screening-test-missing", "counselling-missing", "contraception-missing:prescriber",
         "contraception-missing:patient", "comprehension-missing")),
    "the lead-in": (
        issued(HistoryFactory(START).begun(), 10, 20), 11, STATUS,
        ("lead-in-not-complete", "confirmatory-test-missing", "counselling-missing", "contraception-missing:patient",
         "comprehension-missing")),
    "the next month": (
        issued(history_with((32, Dispensed("1"))), 50, 60, "2"), 51, STATUS,
        ("monthly-test-missing", "counselling-missing", "contraception-missing:prescriber",
         "contraception-missing:patient", "comprehension-missing")),
    "a missed window, and the lockout": (
        issued(HistoryFactory(date(2025, 6, 1)).begun().month(31), 31, 60), 40, STATUS,
        ("window-expired", "lockout", "counselling-missing", "contraception-missing:prescriber",
         "contraception-missing:patient", "comprehension-missing")),
}  # fmt: skip


@pytest.mark.parametrize("name", SETTLED)
def test_what_an_open_authorization_has_settled_hinders_no_hand_over(name: str) -> None:
    """The patient is not sent away from the counter for a row of a month that was judged already."""
    history, day, question, codes = SETTLED[name]
    asked = history.ask(day, question=question)
    assert sorted(asked.codes) == sorted((*codes, "authorization-open")), "these stand, and the gate would say no"
    assert in_the_way(asked) == ()
    number = [e.record.number for e in history.entries if isinstance(e.record, Authorized)][-1]
    found = stands(history, day, number)
    assert (found.allowed, found.hand_over) == (True, "now")


def test_what_is_not_settled_is_told_beside_what_is() -> None:
    history = issued(HistoryFactory(START), 31, 37)
    codes = [blocker.code for blocker in in_the_way(history.ask(33, prescriber=NONE))]
    assert codes == [
        "prescriber-not-certified", "consent-missing:patient-information", "consent-missing:birth-defects",
    ]  # fmt: skip


# --- by which rules -----------------------------------------------------------------------------------
#: The first day of the course, the edition of day 33: that of now, not of the yes on day 31.
EDITIONS = {
    "one edition": (date(2026, 11, 20), "2026"),
    "another begins on that day": (date(2026, 10, 13), "2026"),
    "another begins the day after": (date(2026, 10, 12), "2023"),
}


@pytest.mark.parametrize("name", EDITIONS)
def test_it_is_judged_by_the_edition_of_now(name: str) -> None:
    start, code = EDITIONS[name]
    found = stands(history_with(start=start), 33)
    assert found.edition is not None
    assert (found.edition.code, found.allowed) == (code, True)
    assert found.program == ISOTRETINOIN_US


#: Before the first edition: what happened since, asked on day, state, which hand-over can be entered.
WITHOUT_EDITION: dict[str, tuple[tuple[Happened, ...], float, str, str]] = {
    "open": ((), 33, "open", "before"),
    "expired": ((), 38, "expired", "before"),
    "given back": (((32, Reversed("1")),), 33, "reversed", "none"),
}


@pytest.mark.parametrize("name", WITHOUT_EDITION)
def test_without_an_edition_nothing_is_handed_over_now_and_what_was_is_still_entered(name: str) -> None:
    """The gate answers with an error then; dispense and reverse answer as usual."""
    happened, day, state, hand_over = WITHOUT_EDITION[name]
    found = stands(history_with(*happened, start=date(2021, 10, 20)), day)
    assert (found.fact.state, found.hand_over, found.allowed) == (state, hand_over, False)
    assert (found.edition, found.blockers) == (None, ())
