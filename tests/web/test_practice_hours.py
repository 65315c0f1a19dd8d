"""When a practice answers its telephone: entered with its contact data, read by patients beside the number."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from ledger import log
from ledger.erasable_text import read_texts
from patients.models import Prescriber
from tests import factories
from tests.clocks import Clock
from tests.histories import ClinicFactory

pytestmark = pytest.mark.django_db

HOURS = "Monday to Friday, 9 to 5 & Saturday until noon"
SHOWN = "Monday to Friday, 9 to 5 &amp; Saturday until noon"


@pytest.fixture
def clinic(clock: Clock) -> ClinicFactory:
    clock.set("2026-12-15T11:00-05:00")
    return ClinicFactory()


def client_of(user: User | None) -> Client:
    assert user is not None
    client = Client()
    factories.sign_in(client, user)
    return client


def save(clinic: ClinicFactory, hours: str) -> Any:
    form = {
        "name": "Harbor Dermatology", "phone": "+12125550142", "address": "1 Elm Street", "hours": hours,
        "reason": "patients ask", "key": str(uuid4()),
    }  # fmt: skip
    return client_of(clinic.prescriber.user).post(reverse("prescriber:practice_contact"), form)


def test_hours_are_a_record_and_stand_beside_the_number(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert save(clinic, HOURS).status_code == 302
    sealed = log.read(clinic.prescriber.pk)[-1].data["sealed"]
    assert read_texts([sealed["hours"]])[sealed["hours"]] == HOURS
    assert Prescriber.objects.get(pk=clinic.prescriber.pk).hours == HOURS
    for path in ("/patient/", "/patient/urgent/", "/patient/prescriber/"):
        assert SHOWN in client_of(patient.user).get(path).content.decode(), path
    assert SHOWN in client_of(clinic.prescriber.user).get("/prescriber/practice/").content.decode()


def test_hours_may_be_left_out_and_taken_away(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    save(clinic, HOURS)
    assert save(clinic, "").status_code == 302
    assert Prescriber.objects.get(pk=clinic.prescriber.pk).hours == ""
    assert SHOWN not in client_of(patient.user).get("/patient/").content.decode()


def test_too_long_is_said_beside_its_field(clinic: ClinicFactory) -> None:
    answer = save(clinic, "x" * 121)
    assert answer.status_code == 422
    assert 'id="id_hours_error"' in answer.content.decode()


def test_a_pharmacy_is_not_asked_for_hours(clinic: ClinicFactory) -> None:
    first = factories.pharmacist()
    page = client_of(first.user).get(reverse("pharmacy:contact")).content.decode()
    assert 'name="phone"' in page
    assert 'name="hours"' not in page
