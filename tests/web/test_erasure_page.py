"""The office's page of erasures: which files go, and why an erasure is not done."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client

from accounts.roles import OFFICER
from compliance.commands import enrolment, erasure
from compliance.commands.enrolment import NewPatient
from compliance.rules.records import Discontinued
from ledger.actor import Actor
from ledger.models import ErasableText
from patients.models import Patient
from patients.numbers import pretty
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from tests.linked import link
from tests.web.cases import case

pytestmark = pytest.mark.django_db

PATH = "/office/erasures/"
ANA = NewPatient(
    given_name="Ana", family_name="Mora", born_on=NOW.date().replace(year=2001), email="ana@example.org",
    phone="+12125550100", category="can_become_pregnant",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock.at = NOW


def enrolled(clinic: ClinicFactory, new: NewPatient = ANA) -> Patient:
    result = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4())
    assert result.patient is not None
    return Patient.objects.get(pk=result.patient)


def ended(clinic: ClinicFactory, new: NewPatient = ANA) -> Patient:
    patient = enrolled(clinic, new)
    assert clinic.enter(patient, Discontinued("moved"))
    return patient


def ask(patient: Patient) -> None:
    erasure.ask(patient=patient.pk, by=Actor(factories.officer().pk, OFFICER), at=NOW, key=uuid4())


def confirm(client: Client, patient: Patient) -> str:
    pressed = client.post(f"{PATH}{patient.pk}/", {"key": str(uuid4())}, follow=True)
    return pressed.content.decode()


def _not_asked(clinic: ClinicFactory) -> Patient:
    return ended(clinic)


def _open_course(clinic: ClinicFactory) -> Patient:
    patient = enrolled(clinic)
    ask(patient)
    return patient


def _open_in_the_other_file(clinic: ClinicFactory) -> Patient:
    patient = ended(clinic)
    link(patient.pk, clinic.ready().pk, at=NOW)
    ask(patient)
    return patient


def _held(clinic: ClinicFactory) -> Patient:
    patient = ended(clinic)
    ask(patient)
    new = replace(ANA, given_name="Anna", phone="")
    assert enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4()).held is not None
    return patient


def _linked_since(clinic: ClinicFactory) -> Patient:
    patient, other = ended(clinic), ended(clinic, replace(ANA, given_name="Zoe", email="z@example.org", phone=""))
    ask(patient)
    link(patient.pk, other.pk, at=NOW)
    return patient


WHY: dict[str, tuple[Callable[[ClinicFactory], Patient], str]] = {
    "nobody else asked": (_not_asked, "another officer has to ask for it first"),
    "a file was linked since": (_linked_since, "another officer has to ask for it first"),
    "a course is open": (_open_course, "a course is open"),
    "a course is open in the other file": (_open_in_the_other_file, "a course is open"),
    "an enrolment is held": (_held, "an enrolment of somebody who may be this person waits"),
}


def test_page_says_why_nothing_is_erased(clinic: ClinicFactory) -> None:
    for name in WHY:
        with case(name):
            make, words = WHY[name]
            patient = make(clinic)
            said = confirm(factories.as_(factories.officer()), patient)
            assert words in said
            assert ErasableText.objects.filter(subject=patient.pk).exists()


def test_page_names_every_file_that_goes_and_what_else(clinic: ClinicFactory) -> None:
    patient, other = ended(clinic), ended(clinic, replace(ANA, given_name="Zoe", email="z@example.org", phone=""))
    link(patient.pk, other.pk, at=NOW)
    ask(patient)
    client = factories.as_(factories.officer())
    shown = client.get(PATH).content.decode()
    assert all(shown.count(pretty(file.number)) == 1 for file in (patient, other)), "asked for in both, together"
    assert shown.count("Confirm and erase") == 1
    for words in ("Signed documents, drafts, messages, searches", "a guardian’s too", "It cannot be undone"):
        assert words in shown
    said = confirm(client, patient)
    assert "the accounts are closed" in said
    assert "Confirm and erase" not in said, "neither waits any more"
    assert not ErasableText.objects.filter(subject__in=[patient.pk, other.pk]).exists()
