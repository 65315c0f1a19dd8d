"""The page of an enrolment shows the practice its own patient, and where another course begins."""

from datetime import date
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.utils.html import strip_tags

from compliance.rules.records import Discontinued
from patients.models import HeldEnrolment, Patient
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

BORN = date(2001, 4, 9)


@pytest.fixture(autouse=True)
def _today(clock: Clock) -> None:
    clock.at = NOW


def enrol(clinic: ClinicFactory, patient: Patient, **more: str) -> Any:
    new = {
        "given_name": patient.given_name, "family_name": patient.family_name, "email": "two@example.org", "phone": "",
        "born_on": f"{patient.born_on:%m/%d/%Y}", "category": "can_become_pregnant", "key": str(uuid4()),
    }  # fmt: skip
    return as_(clinic.prescriber.user).post("/prescriber/enrol/", new | more, follow=True)


def words(answer: Any) -> str:
    return " ".join(unescape(strip_tags(answer.content.decode())).split())


@pytest.mark.parametrize("is_ended", [True, False])
def test_own_patient_is_shown_with_the_way_on(clinic: ClinicFactory, is_ended: bool) -> None:
    patient = clinic.ready()
    if is_ended:
        assert clinic.enter(patient, Discontinued("moved"))
    answer = enrol(clinic, patient)
    page, course = answer.content.decode(), f'href="/prescriber/patients/{patient.pk}/course/"'
    assert answer.status_code == 422
    assert f'href="/prescriber/patients/{patient.pk}/"' in page
    assert (course in page) is is_ended
    assert ("A course or a stop is open." in page) is not is_ended
    assert "two@example.org" in page, "what was typed stays"
    assert not HeldEnrolment.objects.exists()
    led_to = as_(clinic.prescriber.user).get(f"/prescriber/patients/{patient.pk}/course/")
    assert not is_ended or led_to.status_code == 200


def test_somebody_else_goes_to_the_office(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert 'name="somebody_else"' not in as_(clinic.prescriber.user).get("/prescriber/enrol/").content.decode()
    assert 'name="somebody_else"' in enrol(clinic, patient).content.decode()
    assert "reviews this enrolment first" in words(enrol(clinic, patient, somebody_else="on"))
    assert HeldEnrolment.objects.get().candidates == [str(patient.pk)]


def test_patient_of_another_practice_is_not_named(clinic: ClinicFactory) -> None:
    mine, other = clinic.ready(), factories.patient(clinic.other, born_on=BORN)
    shown = words(enrol(clinic, other))
    assert "reviews this enrolment first" in shown
    assert "You may have this patient already" not in shown
    assert other.number not in shown
    assert mine.number not in shown
    # One of each: only the own one.
    both = factories.patient(clinic.other, given_name=mine.given_name, born_on=mine.born_on)
    Patient.objects.filter(pk=both.pk).update(family_name=mine.family_name, name_key=mine.name_key)
    page = enrol(clinic, mine).content.decode()
    assert str(mine.pk) in page
    assert str(both.pk) not in page
