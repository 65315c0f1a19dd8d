"""The office's pages on which two files of one person are linked, looked at and parted."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from compliance.commands import enrolment, held_decisions
from compliance.commands.enrolment import NewPatient
from compliance.rules.records import (
    PregnancyReported,
)
from patients.models import HeldEnrolment, Patient
from tests import factories
from tests.compliance.commands.test_linked_files import LATER, codes, sound
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(clinic: ClinicFactory) -> Client:
    client = Client()
    factories.sign_in(client, factories.officer())
    return client


def test_linking_shows_both_files_first(clinic: ClinicFactory, office: Client) -> None:
    one, other = clinic.ready(), clinic.ready()
    form = {"first": one.number, "second": other.number, "reason": "two practices", "key": str(uuid4())}
    shown = office.post("/office/links/", form)
    assert shown.status_code == 200
    assert "Is this the same person?" in shown.content.decode()
    assert Patient.objects.filter(linked_to=None).count() == 2
    seen = f"{one.pk}:{other.pk}"
    other_two = office.post("/office/links/", form | {"second": clinic.ready().number, "version_token": seen})
    assert "Is this the same person?" in other_two.content.decode(), "another number was typed than was looked at"
    assert office.post("/office/links/", form | {"version_token": seen}).status_code == 302
    page = office.get("/office/links/").content.decode()
    assert page.count("End the link") == 2
    doctor = Client()
    factories.sign_in(doctor, clinic.prescriber.user)
    assert "another file" in doctor.get(f"/prescriber/patients/{one.pk}/").content.decode()
    end = f"/office/links/{one.pk}/end/"
    assert office.post(end, {"reason": "", "key": str(uuid4())}).status_code == 422
    assert office.post(end, {"reason": "wrong", "key": str(uuid4())}).status_code == 302
    assert office.get(end).status_code == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"second": "22222222"}, "No patient has that number."),
        ({"second": "FIRST"}, "This is the same file."),
        ({"reason": ""}, "Fill this in."),
    ],
)
def test_what_the_office_is_told(clinic: ClinicFactory, office: Client, change: dict[str, str], sentence: str) -> None:
    one, other = clinic.ready(), clinic.ready()
    form = {"first": one.number, "second": other.number, "reason": "x", "key": str(uuid4())} | change
    form = {name: one.number if value == "FIRST" else value for name, value in form.items()}
    answer = office.post("/office/links/", form)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_held_enrolment_is_let_through_and_linked(clinic: ClinicFactory, office: Client) -> None:
    one = clinic.ready()
    Patient.objects.filter(pk=one.pk).update(email="ana@example.org", name_key="mora ana")
    new = NewPatient(
        given_name="A", family_name="B", born_on=one.born_on, email="ana@example.org", phone="",
        category="can_become_pregnant",
    )  # fmt: skip
    clinic.enter(one, PregnancyReported())
    held = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4()).held
    assert held is not None
    assert HeldEnrolment.objects.get(pk=held).candidates == [str(one.pk)]
    stranger = clinic.ready(born_on=date(1990, 11, 30))
    with pytest.raises(LookupError):
        held_decisions.decide_held(
            held=held, let_through=True, by=clinic.officer, at=NOW, key=uuid4(), same_as=stranger.pk
        )
    path = f"/office/duplicates/{held}/"
    assert office.post(path, {"decision": f"link:{stranger.pk}", "key": str(uuid4())}).status_code == 400
    assert path in office.get("/office/duplicates/").content.decode()
    page = office.get(path).content.decode()
    assert f"link:{one.pk}" in page
    assert "Stop open" in page
    typed = {"decision": f"link:{one.pk}", "reason": "both doctors were called"}
    assert office.post(path, typed | {"reason": "", "key": str(uuid4())}).status_code == 422
    for client in (office, office, factories.as_(factories.officer())):
        assert not Patient.objects.filter(linked_to=one.pk).exists()
        assert client.post(path, typed | {"key": str(uuid4())}).status_code == 302
    second = Patient.objects.get(email="ana@example.org", linked_to=one.pk, number__isnull=False, user=None)
    assert "stop-open" in codes(second, LATER + timedelta(hours=1))
    sound(one, second)
