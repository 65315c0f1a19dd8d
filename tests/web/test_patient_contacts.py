"""Whom the practice calls about a patient: the patient, and the pharmacy that has to do with them."""

import re

import pytest

from patients.models import Patient, Pharmacy
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(clinic: ClinicFactory, clock: Clock) -> Patient:
    clock.at = NOW
    row = clinic.ready()
    Patient.objects.filter(pk=row.pk).update(phone="+12125550147", email="ana@example.org")
    for place, pharmacy in enumerate(clinic.pharmacies):
        Pharmacy.objects.filter(pk=pharmacy.pk).update(name=f"Pharmacy number {place}", phone=f"+1212555010{place}")
    return row


def contacts(clinic: ClinicFactory, patient: Patient) -> str:
    """The panel, as it is read; empty where the page has none."""
    page = factories.as_(clinic.prescriber.user).get(f"/prescriber/patients/{patient.pk}/").content.decode()
    found = re.search(r'<section class="panel" aria-labelledby="contacts">.*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split()) if found else ""


def test_patient_is_called_or_written_to(clinic: ClinicFactory, patient: Patient) -> None:
    assert contacts(clinic, patient) == "Contacts Patient (212) 555-0147 ana@example.org"
    Patient.objects.filter(pk=patient.pk).update(phone="", email="")
    assert contacts(clinic, patient) == ""


def test_pharmacy_is_the_one_of_the_last_fill(clinic: ClinicFactory, patient: Patient) -> None:
    number = clinic.authorize(patient, counter=1).number
    assert number is not None
    assert contacts(clinic, patient).endswith("Pharmacy Pharmacy number 1 (212) 555-0101")
    assert clinic.dispense(patient, number, counter=1) is None
    assert contacts(clinic, patient).endswith("Pharmacy Pharmacy number 1 (212) 555-0101")


def test_pharmacy_that_reversed_has_nothing_to_do_with_the_patient(clinic: ClinicFactory, patient: Patient) -> None:
    number = clinic.authorize(patient).number
    assert number is not None
    assert clinic.reverse(patient, number) is None
    assert "number 0" not in contacts(clinic, patient)


def test_stranger_reads_no_contacts(clinic: ClinicFactory, patient: Patient) -> None:
    answer = factories.as_(clinic.other.user).get(f"/prescriber/patients/{patient.pk}/")
    assert answer.status_code == 404
