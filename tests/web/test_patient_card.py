"""The patient's one card: right on every day of a course, in both languages."""

import pytest
from django.utils import translation

from compliance.rules.records import Counselled, PregnancyReported
from compliance.words.card import CARDS
from tests.web.patient_cards import (
    CASES,
    PRACTICE,
    START,
    Case,
    Make,
    begun,
    cannot,
    ended,
    filled,
    ready,
    supplied,
)
from web.patient.card import Contact, PatientCard, card_of
from web.patient.presenters import _actions
from web.shared.open_tasks import tasks_by_code


def card(case: Case) -> PatientCard:
    assessment = case.make().ask(case.day)
    tasks = tasks_by_code(assessment, "patient", _actions(assessment))
    return card_of(assessment, tasks, PRACTICE, problem=case.problem)


@pytest.mark.parametrize("name", CASES)
def test_card_says_what_there_is_to_do_in_both_languages(name: str) -> None:
    case = CASES[name]
    found = card(case)
    status = found.status
    assert (found.code, str(status.headline), str(status.text)) == (case.code, case.headline, case.text)
    assert (status.last_day, found.supply_until) == (case.until, case.in_hand)
    assert [str(action.label) for action in status.actions] == ([case.act] if case.act else [])
    assert found.contact == PRACTICE
    with translation.override("es"):
        spanish = card(case).status
        assert (str(spanish.headline), str(spanish.text)) == case.es


def test_every_case_of_the_card_is_in_the_table() -> None:
    """But for the one before the first edition, which has no assessment."""
    assert {case.code for case in CASES.values()} == CARDS.keys() - {"no-edition"} | {"task"}
    assert card_of(None, {}, PRACTICE).status.headline == "Nothing to do yet"


#: Name -> (a history, the day, the steps by their state, in order).
STEPS: dict[str, tuple[Make, float, list[tuple[str, str]]]] = {
    "the month's own part is open": (lambda: filled().test(55), 55.1, [
        ("done", "Test of this month taken"),
        ("waiting", "This month's visit"),
        ("waiting", "Your prescriber enters your birth control"),
        ("now", "Answer five short questions"),
        ("later", "Tell us which birth control you use"),
        ("later", "Open the Medication Guide"),
        ("later", "Pick up your medicine"),
    ]),
    "all is done, and stays to be seen": (lambda: filled().month(55), 55.1, [
        ("done", "Test of this month taken"),
        ("done", "Visit with your prescriber"),
        ("done", "Birth control entered by your prescriber"),
        ("done", "Five questions answered"),
        ("done", "Birth control signed by you"),
        ("now", "Open the Medication Guide"),
        ("now", "Pick up your medicine"),
    ]),
    "during the waiting time": (begun, 10, [
        ("done", "Patient information signed"),
        ("done", "Page on birth defects signed"),
        ("done", "First test taken"),
        ("waiting", "Use both methods of birth control for 30 days first"),
        ("waiting", "Your second pregnancy test"),
        ("waiting", "This month's visit"),
        ("done", "Birth control entered by your prescriber"),
        ("waiting", "Five short questions"),
        ("waiting", "Your birth control this month"),
        ("later", "Open the Medication Guide"),
        ("later", "Pick up your medicine"),
    ]),
    "a window that needed a visit is missed": (lambda: cannot().enter(0, Counselled(START)), 31, [
        ("done", "Patient information signed"),
        ("waiting", "This month's visit"),
        ("later", "Open the Medication Guide"),
        ("later", "Pick up your medicine"),
    ]),
    "cannot become pregnant, supplied": (supplied, 10, [
        ("waiting", "This month's visit"),
        ("later", "Open the Medication Guide"),
        ("later", "Pick up your medicine"),
    ]),
    "stopped": (lambda: filled().enter(40, PregnancyReported()), 41, []),
    "ended": (ended, 45, []),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_steps_tick_themselves_off_and_stay(name: str) -> None:
    make, day, expected = STEPS[name]
    found = card(Case(make, day, "", "", "", ("", "")))
    assert [(step.state, str(step.label)) for step in found.steps] == expected


#: Name -> (a history, the day, how many steps are folded before, shown, and folded after).
FOLDED: dict[str, tuple[Make, float, tuple[int, int, int]]] = {
    "the month's own part is open": (lambda: filled().test(55), 55.1, (0, 7, 0)),
    "all is done": (lambda: filled().month(55), 55.1, (4, 3, 0)),
    "during the waiting time": (begun, 10, (2, 4, 5)),
    "cannot become pregnant, supplied": (supplied, 10, (0, 3, 0)),
    "stopped": (lambda: filled().enter(40, PregnancyReported()), 41, (0, 0, 0)),
}


@pytest.mark.parametrize("name", FOLDED)
def test_steps_far_from_the_one_to_take_now_are_folded(name: str) -> None:
    make, day, expected = FOLDED[name]
    found = card(Case(make, day, "", "", "", ("", "")))
    parts = found.steps_of_page
    assert (len(parts.earlier), len(parts.shown), len(parts.later)) == expected
    assert (*parts.earlier, *parts.shown, *parts.later) == found.steps, "none is left out"
    assert {step.state for step in parts.earlier} <= {"done"}, "only what is done is folded before"
    assert not any(step.state == "now" for step in parts.later)


def test_card_without_a_telephone_number_offers_no_call() -> None:
    assessment = ready().ask(51)
    tasks = tasks_by_code(assessment, "patient", _actions(assessment))
    assert card_of(assessment, tasks, Contact("Harbor Dermatology", "Dr. Ada Okafor", "")).status.actions == ()
    assert card_of(assessment, tasks, None).status.actions == ()


def test_card_names_who_stands_in_where_the_prescriber_cannot_act() -> None:
    assessment = filled().enter(40, PregnancyReported()).ask(41)
    stands_in = Contact("Elm Street Skin Clinic", "Dr. Ben Lindqvist", "+12125550101", covers=True)
    found = card_of(assessment, {}, stands_in, instead="Dr. Lindqvist stands in.")
    assert found.status.text == "Dr. Lindqvist stands in."
    assert str(found.status.actions[0].label) == "Call who stands in"
