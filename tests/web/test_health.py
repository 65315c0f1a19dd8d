"""Allergies, other medicines and conditions: asked by the practice, shown to it with why, and to nobody else."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance.records.file import read_file
from compliance.rules.care.health import HealthAnswered
from compliance.rules.care.prescription import Prescribed
from ledger import erasable_text
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

SAID = "hives after cashews"


def path(patient: Patient) -> str:
    return f"/prescriber/patients/{patient.pk}/health/"


def answer(client: Client, patient: Patient, **form: Any) -> int:
    return int(client.post(path(patient), {"other": "", "key": str(uuid4())} | form).status_code)


def answered(patient: Patient) -> HealthAnswered:
    *_, last = (e.record for e in read_file(patient.pk, NOW).entries if isinstance(e.record, HealthAnswered))
    return last


def page(client: Client, address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(address).content.decode()).split())


def own(patient: Patient) -> str:
    return f"/prescriber/patients/{patient.pk}/"


def test_page_says_that_nobody_asked_until_somebody_did(doctor: Client, patient: Patient) -> None:
    assert "were not asked yet. Ask now" in page(doctor, own(patient))
    assert answer(doctor, patient) == 302
    assert "were not asked yet" not in page(doctor, own(patient))
    assert answered(patient) == HealthAnswered((), (), ())


def test_answers_are_flagged_with_why_and_stand_there_the_next_time(doctor: Client, patient: Patient) -> None:
    assert answer(doctor, patient, allergies=["peanut"], medicines=["tetracyclines"], conditions=["lipids"]) == 302
    shown = page(doctor, own(patient))
    assert "Peanut. Who reacts to peanut may react to soy" in shown
    assert "Tetracyclines (doxycycline, minocycline). Both together can raise the pressure in the head" in shown
    assert "High cholesterol or triglycerides. Triglycerides and cholesterol can rise" in shown
    again = doctor.get(path(patient)).content.decode()
    assert len(re.findall(r"<input[^>]*checked", again)) == 3


def test_flags_follow_the_product_that_is_prescribed(clinic: ClinicFactory, doctor: Client, patient: Patient) -> None:
    assert answer(doctor, patient, allergies=["parabens"]) == 302
    assert "Parabens." in page(doctor, own(patient))
    assert clinic.enter(patient, Prescribed("absorica", (30, 30), 60_000, 30))
    assert "Parabens. Some capsule shells" not in page(doctor, own(patient))
    assert clinic.enter(patient, Prescribed("generic", (30, 30), 60_000, 30))
    assert "Read the label of the package" in page(doctor, own(patient))


def test_prescription_page_warns_of_them(doctor: Client, patient: Patient) -> None:
    assert answer(doctor, patient, allergies=["soya"]) == 302
    form = {
        "product": "claravis",
        "weight": "60",
        "unit": "kg",
        "target": "1",
        "days_supply": "30",
        "key": str(uuid4()),
    }
    shown = doctor.post(f"/prescriber/patients/{patient.pk}/prescription/", form).content.decode()
    assert "<strong>Soy.</strong> Capsules are filled with soybean oil." in shown


def test_own_words_are_sealed_and_can_be_erased(doctor: Client, patient: Patient) -> None:
    assert answer(doctor, patient, other=SAID) == 302
    digest = answered(patient).other
    assert digest is not None
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert SAID in page(doctor, own(patient))
    assert erasable_text.erase([digest]) == 1
    assert SAID not in page(doctor, own(patient))


def test_monthly_form_asks_by_one_link_and_no_field(doctor: Client, patient: Patient) -> None:
    month = doctor.get(f"/prescriber/patients/{patient.pk}/month/")
    assert path(patient) in month.content.decode()
    assert not {"allergies", "medicines", "conditions"} & set(month.context["form"].fields)


def test_neither_pharmacy_nor_guardian_reads_them(clinic: ClinicFactory, clock: Clock) -> None:
    minor = clinic.ready(born_on=date(2012, 4, 2))
    assert answer(factories.as_(clinic.prescriber.user), minor, conditions=["eating-disorder"], other=SAID) == 302
    readers = {
        factories.as_(factories.pharmacist().user): ["/pharmacy/"],
        factories.as_(factories.guardian(minor).user): ["/guardian/"],
    }
    for reader, addresses in readers.items():
        assert reader.get(path(minor)).status_code in (403, 404)
        for address in addresses:
            shown = page(reader, address)
            assert "Eating disorder" not in shown
            assert SAID not in shown


def test_other_practice_finds_no_answers(clinic: ClinicFactory, patient: Patient) -> None:
    assert answer(factories.as_(clinic.other.user), patient) == 404
