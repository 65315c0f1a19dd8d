"""Erasure: two officers erase the texts that name a patient; the chains still verify."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.roles import OFFICER
from compliance.commands import enrolment, erasure
from compliance.commands.decide import NotPermitted
from compliance.commands.enrolment import NewPatient
from compliance.rules.records import Discontinued
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.models import ErasableText
from ledger.verify import verify
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

FIRST, SECOND = Actor(uuid4(), OFFICER), Actor(uuid4(), OFFICER)


@pytest.fixture
def patient() -> Patient:
    """One whose course has ended."""
    clinic = ClinicFactory()
    new = NewPatient(
        given_name="Ana", family_name="Mora", born_on=NOW.date().replace(year=2001), email="ana@example.org",
        phone="+12125550100", category="can_become_pregnant",
    )  # fmt: skip
    result = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4())
    assert result.patient is not None
    row = Patient.objects.get(pk=result.patient)
    clinic.enter(row, Discontinued("moved"))
    return row


def test_two_officers_erase_and_the_chain_holds(patient: Patient) -> None:
    erasure.ask(patient=patient.pk, by=FIRST, at=NOW, key=uuid4())
    assert erasure.confirm(patient=patient.pk, by=SECOND, at=NOW, key=uuid4()) == 3
    assert not ErasableText.objects.filter(subject=patient.pk).exists()
    patient.refresh_from_db()
    assert (patient.name, patient.email, patient.phone) == ("— —", "", "")
    assert list(verify([patient.pk])) == []
    assert log.read(patient.pk)[-1].data == {"asked_by": str(FIRST.account), "texts": 3}


@pytest.mark.parametrize("confirms", [FIRST, SECOND], ids=["who asked first", "who asked last"])
def test_of_two_officers_who_both_asked_either_confirms(patient: Patient, confirms: Actor) -> None:
    for by in (FIRST, SECOND, SECOND):
        erasure.ask(patient=patient.pk, by=by, at=NOW, key=uuid4())
    assert erasure.confirm(patient=patient.pk, by=confirms, at=NOW, key=uuid4()) == 3
    other = SECOND if confirms is FIRST else FIRST
    assert log.read(patient.pk)[-1].data["asked_by"] == str(other.account)


def test_officer_who_asked_twice_is_still_one(patient: Patient) -> None:
    for _ in range(2):
        erasure.ask(patient=patient.pk, by=FIRST, at=NOW, key=uuid4())
    with pytest.raises(erasure.NotErased):
        erasure.confirm(patient=patient.pk, by=FIRST, at=NOW, key=uuid4())


def test_what_is_sealed_afterwards_needs_two_again(patient: Patient) -> None:
    """What was asked for is done with: nobody erases by it a second time, alone."""
    erasure.ask(patient=patient.pk, by=FIRST, at=NOW, key=uuid4())
    key = uuid4()
    for _ in range(2):
        assert erasure.confirm(patient=patient.pk, by=SECOND, at=NOW, key=key) == 3, "also when it is sent again"
    ErasableText.objects.bulk_create([make_erasable("Printed Name", subject=patient.pk, at=NOW)])
    for by in (FIRST, SECOND):
        with pytest.raises(erasure.NotErased):
            erasure.confirm(patient=patient.pk, by=by, at=NOW, key=uuid4())
    assert ErasableText.objects.filter(subject=patient.pk).count() == 1
    erasure.ask(patient=patient.pk, by=SECOND, at=NOW, key=uuid4())
    assert erasure.confirm(patient=patient.pk, by=FIRST, at=NOW, key=uuid4()) == 1


@pytest.mark.parametrize("by", [FIRST, None])
def test_one_officer_alone_does_not(patient: Patient, by: Actor | None) -> None:
    if by is not None:
        erasure.ask(patient=patient.pk, by=by, at=NOW, key=uuid4())
    with pytest.raises(erasure.NotErased):
        erasure.confirm(patient=patient.pk, by=FIRST, at=NOW, key=uuid4())
    assert ErasableText.objects.filter(subject=patient.pk).count() == 3


def test_nobody_but_an_officer(patient: Patient) -> None:
    by = Actor(uuid4(), "prescriber", patient.prescriber_id)
    for step in (erasure.ask, erasure.confirm):
        with pytest.raises(NotPermitted):
            step(patient=patient.pk, by=by, at=NOW, key=uuid4())


def test_on_the_office_pages(patient: Patient, clock: Clock) -> None:
    clock.at = NOW
    pages = []
    for officer in (factories.officer(), factories.officer()):
        client = Client()
        factories.sign_in(client, officer)
        pages.append(client)
    one, two = pages
    assert one.post("/office/erasures/", {"number": "22222222", "key": str(uuid4())}).status_code == 422
    assert one.post("/office/erasures/", {"number": patient.number, "key": str(uuid4())}).status_code == 302
    assert "Another officer confirms" in one.get("/office/erasures/").content.decode()
    one.post(f"/office/erasures/{patient.pk}/", {"key": str(uuid4())})
    assert ErasableText.objects.filter(subject=patient.pk).exists()
    assert "Confirm and erase" in two.get("/office/erasures/").content.decode()
    two.post(f"/office/erasures/{patient.pk}/", {"key": str(uuid4())})
    assert not ErasableText.objects.filter(subject=patient.pk).exists()
    assert "Confirm and erase" not in two.get("/office/erasures/").content.decode()
