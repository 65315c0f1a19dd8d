"""The day on which a test is booked: entered by practice or patient, shown to both, and asked about a day later."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from accounts.models import User
from compliance.rules.records import CategoryChanged, PregnancyReported, PregnancyTest
from ledger import log
from notifications.sweep import sweep
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import CANNOT, NOW, ClinicFactory
from tests.mailbox import emails

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 20)
SHOWN = "Sun, Dec 20, 2026"


@pytest.fixture
def patient(clinic: ClinicFactory, clock: Clock) -> Patient:
    clock.at = NOW
    row = clinic.ready()
    Patient.objects.filter(pk=row.pk).update(email="ana@example.org")
    return row


def own(patient: Patient) -> Client:
    return factories.as_(User.objects.get(pk=patient.user_id or ""))


def post(client: Client, path: str, day: date | None) -> int:
    form = {"booked_on": day.isoformat() if day else "", "key": str(uuid4())}
    return int(client.post(path, form).status_code)


def of_practice(patient: Patient) -> str:
    return f"/prescriber/patients/{patient.pk}/booking/"


@pytest.mark.parametrize("who", ["patient", "prescriber", "designee"])
def test_day_is_entered_by_either_and_shown_to_both(clinic: ClinicFactory, patient: Patient, who: str) -> None:
    clients = {
        "patient": own(patient), "prescriber": factories.as_(clinic.prescriber.user),
        "designee": factories.as_(factories.designee(clinic.prescriber).user),
    }  # fmt: skip
    path = "/patient/test/" if who == "patient" else of_practice(patient)
    assert post(clients[who], path, DAY) == 302
    assert SHOWN in clients["patient"].get("/patient/").content.decode()
    assert SHOWN in clients["prescriber"].get(f"/prescriber/patients/{patient.pk}/").content.decode()
    assert post(clients["patient"], "/patient/test/", None) == 302
    assert SHOWN not in clients["patient"].get("/patient/").content.decode()
    assert [row.kind for row in log.read(patient.pk)].count("test_booked") == 2


@pytest.mark.parametrize(
    ("day", "says"), [(NOW.date() - timedelta(days=1), "This day is over"), (date(2062, 12, 20), "too far ahead")]
)
def test_day_that_cannot_be_is_refused(patient: Patient, day: date, says: str) -> None:
    form = {"booked_on": day.isoformat(), "key": str(uuid4())}
    answer = own(patient).post("/patient/test/", form)
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_other_practice_books_nothing(clinic: ClinicFactory, patient: Patient) -> None:
    assert post(factories.as_(clinic.other.user), of_practice(patient), DAY) == 404
    assert post(own(clinic.ready()), of_practice(patient), DAY) == 403


def told(clinic: ClinicFactory) -> list[str]:
    return sorted(to for email in emails() if "ppointment" in str(email.subject) for to in email.to)


@pytest.mark.usefixtures("at_any_hour")
def test_both_are_asked_a_day_after_it_once(
    clinic: ClinicFactory, patient: Patient, clock: Clock, mailoutbox: list[EmailMessage]
) -> None:
    assert post(own(patient), "/patient/test/", DAY) == 302
    # The twentieth ends at midnight in New York, five hours later than in UTC.
    clock.set("2026-12-22T04:59+00:00")
    sweep(at=clock.at)
    assert told(clinic) == []
    clock.set("2026-12-22T05:00+00:00")
    for _ in range(2):
        sweep(at=clock.at)
        assert told(clinic) == sorted(["ana@example.org", clinic.prescriber.user.email])


@pytest.mark.parametrize("what", ["entered", "moved", "taken back", "stopped"])
def test_nobody_is_asked_of_what_is_settled(
    clinic: ClinicFactory, patient: Patient, clock: Clock, mailoutbox: list[EmailMessage], what: str
) -> None:
    client = own(patient)
    assert post(client, "/patient/test/", DAY) == 302
    clock.set("2026-12-20T12:00-05:00")
    if what == "entered":
        assert clinic.enter(patient, PregnancyTest(DAY, "negative", "laboratory", "first_five_days"), at=clock.at)
    elif what == "stopped":
        assert clinic.enter(patient, PregnancyReported(), at=clock.at)
    else:
        assert post(client, "/patient/test/", DAY + timedelta(days=5) if what == "moved" else None) == 302
    clock.set("2026-12-22T06:00+00:00")
    sweep(at=clock.at)
    assert told(clinic) == []


def test_who_takes_no_tests_books_none(clinic: ClinicFactory, patient: Patient) -> None:
    assert clinic.enter(patient, CategoryChanged(CANNOT, "hysterectomy"))
    assert own(patient).get("/patient/test/").status_code == 404
    assert "/patient/test/" not in own(patient).get("/patient/").content.decode()
