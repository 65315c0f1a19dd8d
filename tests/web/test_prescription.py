"""The prescription: worked out on a page, shown before it is entered, and never asked for by the gate."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance.records.file import read_file
from compliance.rules.care.prescription import Prescribed
from ledger import log
from patients.models import Patient
from tests import factories
from tests.histories import NOW, ClinicFactory
from tests.web.cases import case
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

#: 60 kg at 1 mg/kg.
FORM = {"product": "claravis", "weight": "60", "unit": "kg", "target": "1", "daily_mg": "", "days_supply": "30"}


@pytest.fixture
def client(clinic: ClinicFactory, patient: Patient) -> Client:
    return factories.as_(clinic.prescriber.user)


def path(patient: Patient) -> str:
    return f"/prescriber/patients/{patient.pk}/prescription/"


def send(client: Client, patient: Patient, **form: str) -> Any:
    return client.post(path(patient), FORM | {"key": str(uuid4())} | form)


def told(answer: Any) -> str:
    found = re.search(r'name="told" value="([0-9a-f]{64})"', answer.content.decode())
    assert found is not None
    return found[1]


def enter(client: Client, patient: Patient, **form: str) -> Any:
    """Look at it, then enter it."""
    return send(client, patient, **form, told=told(send(client, patient, **form)))


def prescribed(patient: Patient) -> list[Any]:
    return [entry.record for entry in read_file(patient.pk, NOW).entries if isinstance(entry.record, Prescribed)]


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_capsules_are_shown_before_anything_is_entered(client: Client, patient: Patient) -> None:
    answer = send(client, patient)
    assert answer.status_code == 200
    shown = words(answer)
    assert [warning for _form, warning in WARNINGS.values() if warning in shown] == [], "nothing of it is doubtful"
    assert "2 × 30 mg a day" in shown
    assert "Second dose 1 × 30 mg, each with food" in shown
    assert "60 mg asked for, 60 mg a day with these strengths: 1.00 mg/kg at 60 kg" in shown
    assert "60 capsules" in shown
    assert "Claravis, prescribing information, Teva Pharmaceuticals USA, How supplied" in shown
    assert not prescribed(patient)
    assert send(client, patient, told=told(answer)).status_code == 302
    assert prescribed(patient) == [Prescribed("claravis", (30, 30), 60_000, 30)]


def test_page_says_what_is_only_assumed_of_a_product(client: Client, patient: Patient) -> None:
    shown = words(send(client, patient, product="generic"))
    assert "Strengths, food, range of doses: assumed, until the label of the package is read" in shown
    half_read = words(send(client, patient, product="roaccutane", target="0.5"))
    assert "Strengths: assumed, until the label of the package is read" in half_read
    assert "Food, range of doses: Roaccutane, summary of product characteristics" in half_read
    assert "soybean oil (assumed), gelatin (assumed)" in shown
    assert "soybean oil, gelatin, beeswax" in words(send(client, patient)), "Claravis, whose label was read"


def test_other_numbers_than_those_shown_are_shown_again(client: Client, patient: Patient) -> None:
    seen = told(send(client, patient))
    assert send(client, patient, weight="80", told=seen).status_code == 200
    assert not prescribed(patient)


def test_same_form_sent_twice_enters_one(client: Client, patient: Patient) -> None:
    seen, key = told(send(client, patient)), str(uuid4())
    assert [send(client, patient, told=seen, key=key).status_code for _ in range(2)] == [302, 302]
    assert len(prescribed(patient)) == 1


def test_patient_page_shows_the_prescription_in_force(client: Client, patient: Patient) -> None:
    assert enter(client, patient).status_code == 302
    shown = words(client.get(f"/prescriber/patients/{patient.pk}/"))
    assert "Claravis · 2 × 30 mg a day · 1.00 mg/kg a day at 60 kg · 30 days" in shown
    again = client.get(path(patient)).content.decode()
    assert 'value="60.0"' in again
    assert '<option value="claravis" selected' in again


#: What is sent, and what the page warns of.
WARNINGS: dict[str, tuple[dict[str, str], str]] = {
    "below the range": ({"target": "0.3"}, "Below the range of the label"),
    "above the range": ({"target": "1.5"}, "Above the range of the label"),
    "very severe": ({"target": "1.5", "very_severe": "on"}, "Side effects grow with the dose"),
    "above every range": ({"target": "2.3", "very_severe": "on"}, "Above what the label allows"),
    "pounds as kilograms": ({"weight": "150"}, "150 kg is 331 lb"),
    "kilograms as pounds": ({"weight": "60", "unit": "lb"}, "60 lb is only 27.2 kg"),
}


def test_what_is_doubtful_is_warned_of_and_can_be_entered(client: Client, patient: Patient) -> None:
    for form, warning in WARNINGS.values():
        with case(form, warning):
            answer = send(client, patient, **form)
            assert answer.status_code == 200
            assert warning in words(answer)
            assert send(client, patient, **form, told=told(answer)).status_code == 302


#: What is sent, the field, and what stands beside it.
REFUSED: dict[str, tuple[dict[str, str], str, str]] = {
    "a weight that nobody has": ({"weight": "400"}, "weight", "Nobody who is treated"),
    "a weight of a toddler": ({"weight": "12"}, "weight", "Nobody who is treated"),
    "ten times the dose": ({"target": "10"}, "target", "far outside"),
    "a hundredth of the dose": ({"target": "0.01"}, "target", "far outside"),
    "mg a day beyond any dose": ({"target": "", "daily_mg": "600"}, "target", "far outside"),
    "no dose": ({"target": ""}, "target", "one way or the other"),
    "two doses": ({"daily_mg": "60"}, "daily_mg", "one way only"),
    "too many days": ({"days_supply": "31"}, "days_supply", "30"),
    "no product": ({"product": ""}, "product", "Choose"),
}


def test_what_cannot_be_meant_is_refused_beside_its_field(client: Client, patient: Patient) -> None:
    for name, (form, field, says) in REFUSED.items():
        with unrendered():
            answer = send(client, patient, **form)
            assert answer.status_code == 422, name
            kept = answer.context["form"]
        assert any(says in message for message in kept.errors[field]), name
        assert all(kept[one].value() == value for one, value in (FORM | form).items()), "nothing typed is lost"
        assert not prescribed(patient), name


def test_designee_prescribes_nothing(clinic: ClinicFactory, patient: Patient) -> None:
    designee = factories.as_(factories.designee(clinic.prescriber).user)
    assert designee.get(path(patient)).status_code == 403
    assert "Work out and enter" not in words(designee.get(f"/prescriber/patients/{patient.pk}/"))


def test_other_practice_finds_no_prescription_page(clinic: ClinicFactory, patient: Patient) -> None:
    assert factories.as_(clinic.other.user).get(path(patient)).status_code == 404


def test_prescription_leaves_an_open_authorization_as_it_is(
    clinic: ClinicFactory, client: Client, patient: Patient
) -> None:
    issued = clinic.authorize(patient)
    assert issued.number is not None
    assert enter(client, patient).status_code == 302
    assert clinic.dispense(patient, issued.number) is None
    assert [row.kind for row in log.read(patient.pk)].count("prescribed") == 1
