"""The stage that a patient is in, and what each side can do next."""

from collections.abc import Callable
from datetime import date

import pytest

from compliance.rules.blockers import GUARDIAN, OFFICE, PATIENT, PHARMACY, PRESCRIBER
from compliance.rules.records import (
    Authorized,
    Counselled,
    Discontinued,
    Dispensed,
    InvitationAccepted,
    Invited,
    PregnancyReported,
)
from compliance.rules.stages import stage, steps
from tests.compliance.rules.test_boundaries import JUNE, OCTOBER, filled, ready
from tests.histories import CANNOT, HistoryFactory

MINOR = date(2010, 1, 1)


def cannot(start: date = JUNE) -> HistoryFactory:
    return HistoryFactory(start, category=CANNOT).sign()


def supplied(start: date = JUNE) -> HistoryFactory:
    history = cannot(start).enter(0, Counselled(start))
    return history.enter(0.1, Authorized("1", "P", 30, history.on(30)), Dispensed("1"))


def in_the_window() -> HistoryFactory:
    return HistoryFactory(OCTOBER).begun().test(31, menses="first_five_days")


#: Name -> (a history, the day, the stage).
STAGES: dict[str, tuple[Callable[[], HistoryFactory], float, str]] = {
    "invited, and no account yet": (lambda: HistoryFactory(OCTOBER).enter(0, Invited("i")), 1, "invited"),
    "invited, and has an account": (
        lambda: HistoryFactory(OCTOBER).enter(0, Invited("i")).enter(1, InvitationAccepted("i", "a")), 2, "consent"),
    "a guardian alone was invited": (
        lambda: HistoryFactory(OCTOBER, MINOR).enter(0, Invited("i", "g")), 1, "consent"),
    "invited, and the guardian alone has an account": (
        lambda: HistoryFactory(OCTOBER, MINOR).enter(0, Invited("i"), Invited("j", "g"))
        .enter(1, InvitationAccepted("j", "a", "g")), 2, "invited"),
    "a guardian's signature is missing": (lambda: HistoryFactory(OCTOBER, MINOR).sign(), 1, "consent"),
    "nobody declared methods": (lambda: HistoryFactory(OCTOBER).sign(), 40, "lead-in"),
    "the last day of the lead-in": (lambda: HistoryFactory(OCTOBER).begun(), 29, "lead-in"),
    "the day after the lead-in": (lambda: HistoryFactory(OCTOBER).begun(), 30, "second-test"),
    "a window is open": (in_the_window, 32, "month"),
    "stopped, whatever else": (lambda: ready().enter(31, PregnancyReported(), Discontinued("r")), 32, "stopped"),
    "cannot become pregnant, not counselled": (cannot, 1, "month"),
    "cannot become pregnant, counselled": (lambda: cannot().enter(0, Counselled(JUNE)), 1, "ready"),
    "cannot become pregnant, supplied": (supplied, 10, "between-fills"),
    "cannot become pregnant, supplied, in an edition without windows": (lambda: supplied(OCTOBER), 10, "ready"),
    "cannot become pregnant, the visit is over": (lambda: cannot().enter(0, Counselled(JUNE)), 31, "window-missed"),
    "cannot become pregnant, supplied, the prescriber not certified": (supplied, 10, "between-fills"),
    "supplied": (filled, 40, "between-fills"),
    "ended, and never dosed": (lambda: filled().enter(40, Discontinued("r")), 41, "closed"),
    "ended": (lambda: filled().enter(40, Discontinued("r", filled().on(39))), 41, "followed-up"),
}  # fmt: skip


@pytest.mark.parametrize("name", STAGES)
def test_the_stage_that_a_patient_is_in(name: str) -> None:
    make, day, expected = STAGES[name]
    assert stage(make().ask(day)) == expected


def test_who_is_not_certified_stops_nobodys_stage_but_readiness() -> None:
    assert stage(ready().ask(32, ())) == "month"
    assert stage(supplied(OCTOBER).ask(10, ())) == "month"


NOBODYS: dict[str, tuple[str, ...]] = {PRESCRIBER: (), PATIENT: (), GUARDIAN: (), PHARMACY: (), OFFICE: ()}

#: Name -> (a history, the day, the steps of each side that has any).
STEPS: dict[str, tuple[Callable[[], HistoryFactory], float, dict[str, tuple[str, ...]]]] = {
    "nothing signed": (lambda: HistoryFactory(OCTOBER), 1, {
        PRESCRIBER: ("enter-test", "counsel", "declare-methods", "discontinue"),
        PATIENT: ("sign:patient-information", "sign:birth-defects", "report-pregnancy")}),
    "a guardian is missing": (lambda: HistoryFactory(OCTOBER, MINOR).begun(), 1, {
        PRESCRIBER: ("enter-test", "counsel", "discontinue"),
        GUARDIAN: ("sign:patient-information", "sign:birth-defects"), PATIENT: ("report-pregnancy",)}),
    "in the window": (in_the_window, 32, {
        PRESCRIBER: ("counsel", "discontinue"),
        PATIENT: ("declare-methods", "answer-questions", "report-pregnancy")}),
    "ready": (ready, 32, {
        PRESCRIBER: ("discontinue",), PATIENT: ("report-pregnancy",), PHARMACY: ("authorize",)}),
    "authorized": (lambda: ready().enter(31.1, Authorized("1", "P", 30, date(2026, 12, 27))), 32, {
        PRESCRIBER: ("discontinue",), PATIENT: ("report-pregnancy",), PHARMACY: ("use-authorization",)}),
    "stopped": (lambda: ready().enter(31.2, PregnancyReported()), 32, {
        PRESCRIBER: ("clear-stop", "enter-test", "discontinue")}),
    "cannot become pregnant": (cannot, 1, {PRESCRIBER: ("counsel", "discontinue")}),
    "followed up": (lambda: filled().enter(40, Discontinued("r", filled().on(39))), 41, {
        PRESCRIBER: ("enrol", "enter-owed-test")}),
    "closed": (lambda: filled().enter(40, Discontinued("r")), 41, {PRESCRIBER: ("enrol",)}),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_what_each_side_can_do_next(name: str) -> None:
    make, day, expected = STEPS[name]
    assert steps(make().ask(day)) == NOBODYS | expected
