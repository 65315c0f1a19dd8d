"""What a designee reads: "you" only where they can act themselves, and an order only where they can follow it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import DESIGNEE
from compliance.rules.blockers import PRESCRIBER, RULES, rule
from compliance.rules.practice import STEPS
from compliance.rules.records import ContraceptionDeclared, PregnancyReported
from compliance.words.blockers import TABLE
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, OTHER_METHODS, ClinicFactory
from web.prescriber.entry_types import ENTRY_TYPES
from web.prescriber.presenters import _STEP_PAGES, _WITHOUT_TESTS
from web.shared.open_tasks import who_acts

CODES = [*RULES, "consent-missing:birth-defects", "guardian-signature-missing:birth-defects"]

#: What an order begins with.
ORDERS = ("Enter", "Begin", "Find", "Clear", "Speak", "End", "Name", "Attest", "Collect")


def is_designees(code: str) -> bool:
    """Whether a designee can put it right, by the page that does."""
    found = rule(code)
    pages = {pages[found.step] for pages in (_STEP_PAGES, _WITHOUT_TESTS) if found.step in pages}
    attests = found.step == "declare-methods"  # left out of a designee's form of the month
    return PRESCRIBER in found.who and not attests and any(DESIGNEE in ENTRY_TYPES[slug].roles for slug in pages)


@pytest.mark.parametrize("code", CODES)
def test_designee_reads_you_where_a_page_lets_them_act_and_nowhere_else(code: str) -> None:
    found = rule(code)
    reads_you = "you" in [str(one) for one in who_acts(found.who, "designee", found.step)]
    assert reads_you == is_designees(code)
    assert len(who_acts(found.who, "designee", found.step)) == len([one for one in found.who if one != "nobody"])


@pytest.mark.parametrize("code", CODES)
def test_designee_is_given_no_order_that_only_the_prescriber_can_follow(code: str) -> None:
    words: Any = TABLE["designee"][code]
    if PRESCRIBER in rule(code).who and not is_designees(code):
        assert not str(words.remedy).startswith(ORDERS), words.remedy
        assert "prescriber" in str(words.remedy).lower()
    else:
        assert words == TABLE["prescriber"][code]


def test_steps_of_a_designee_are_those_of_the_worklist() -> None:
    assert {rule(code).step for code in CODES if is_designees(code)} == {
        step for step, theirs in STEPS.items() if theirs
    }


def read(clinic: ClinicFactory, path: str) -> str:
    client = Client()
    factories.sign_in(client, factories.designee(clinic.prescriber).user)
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.django_db
def test_methods_that_differ_are_the_prescribers_and_the_patients(clinic: ClinicFactory, clock: Clock) -> None:
    clock.at = NOW
    patient = clinic.ready()
    assert clinic.enter(patient, ContraceptionDeclared("prescriber", OTHER_METHODS, NOW.date()))
    page = read(clinic, reverse("prescriber:patient", args=[patient.pk]))
    assert "The prescriber and the patient speak with each other; one of them then enters the methods again." in page
    assert "one of you" not in page


@pytest.mark.django_db
def test_stop_is_the_prescribers_to_clear(clinic: ClinicFactory, clock: Clock) -> None:
    clock.at = NOW
    patient = clinic.ready()
    assert clinic.enter(patient, PregnancyReported())
    page = read(clinic, reverse("prescriber:patient", args=[patient.pk]))
    assert "The prescriber finds out what happened, then clears the stop." in page
    page = read(clinic, reverse("prescriber:stopped", args=[patient.pk]))
    assert "The prescriber clears the stop once it is known that the patient is not pregnant." in page
    assert reverse("prescriber:entry", args=[patient.pk, "clear-stop"]) not in page
