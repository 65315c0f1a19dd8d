"""The timeline on the pages of patient and practice: what it tells, in its list, and when there is none."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from compliance.rules.care.notes import BookedTest
from compliance.rules.records import CategoryChanged, PregnancyReported, PregnancyTest, Record, StopCleared
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import CANNOT, NOW, ClinicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(clinic: ClinicFactory, clock: Clock) -> Patient:
    """Thirty days were handed over on 15 December, in the window of the 13th to the 19th."""
    clock.at = NOW
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number is not None
    assert clinic.dispense(patient, number) is None
    clock.forward(days=3)
    return patient


def facts(user: User, path: str) -> list[str]:
    """The list under the picture; empty where the page has no picture."""
    client = Client()
    factories.sign_in(client, user)
    html = client.get(path).content.decode()
    found = re.search(r'<figure class="timeline">.*?</figure>', html, re.DOTALL)
    items = re.findall(r"<ol>.*?</ol>", found.group(), re.DOTALL) if found else []
    lines = re.findall(r"<li>(.*?)</li>", items[-1], re.DOTALL) if items else []
    return [" ".join(unescape(re.sub(r"<[^>]+>", "", line)).split()) for line in lines]


def own(patient: Patient) -> list[str]:
    assert patient.user is not None
    return facts(patient.user, "/patient/")


def of_practice(clinic: ClinicFactory, patient: Patient) -> list[str]:
    return facts(clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/")


IN_THE_MONTH = [
    "Sun, Dec 13, 2026 – Sat, Dec 19, 2026: Window used",
    "Sun, Dec 13, 2026: Negative test",
    "Tue, Dec 15, 2026 – Wed, Jan 13, 2027: Medicine in hand",
    "Tue, Dec 15, 2026: Authorization",
    "Tue, Dec 15, 2026: Fill",
    "Thu, Jan 7, 2027 – Wed, Jan 13, 2027: Days for the next test",
]


def test_patient_sees_the_month_and_practice_the_whole_course(clinic: ClinicFactory, filled: Patient) -> None:
    assert own(filled) == IN_THE_MONTH
    whole = of_practice(clinic, filled)
    assert whole[:2] == [
        "Thu, Nov 5, 2026 – Fri, Dec 4, 2026: Lead-in",
        "Thu, Nov 5, 2026: Negative test",
    ]
    assert whole[2:] == IN_THE_MONTH


def test_booked_test_stands_in_it(clinic: ClinicFactory, filled: Patient) -> None:
    assert clinic.enter(filled, BookedTest((NOW + timedelta(days=24)).date()), at=NOW + timedelta(days=3))
    assert "Fri, Jan 8, 2027: Test booked" in own(filled)


def test_stop_and_its_end_stand_in_it(clinic: ClinicFactory, filled: Patient, clock: Clock) -> None:
    assert clinic.enter(filled, PregnancyReported(), at=clock.at)
    assert "Fri, Dec 18, 2026: Pregnancy reported" in of_practice(clinic, filled)
    assert own(filled) == [], "on hold there is one thing to read"
    clock.forward(days=1)
    assert clinic.enter(filled, StopCleared("Not pregnant"), at=clock.at)
    assert "Sat, Dec 19, 2026: Stop cleared" in of_practice(clinic, filled)
    assert "Sat, Dec 19, 2026: Stop cleared" in own(filled)


def test_authorization_says_what_became_of_it(clinic: ClinicFactory, clock: Clock) -> None:
    clock.at = NOW
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number is not None
    assert clinic.reverse(patient, number) is None
    assert "Tue, Dec 15, 2026: Authorization, reversed" in of_practice(clinic, patient)


def test_there_is_none_for_whom_no_tests_are_asked(clinic: ClinicFactory, filled: Patient) -> None:
    assert clinic.enter(filled, CategoryChanged(CANNOT, "hysterectomy"), at=NOW + timedelta(days=3))
    assert own(filled) == of_practice(clinic, filled) == []


@pytest.mark.parametrize("results", [("indeterminate", "negative"), ("negative", "negative")])
def test_two_tests_of_one_day_are_told_as_two(
    clinic: ClinicFactory, filled: Patient, clock: Clock, results: tuple[str, ...]
) -> None:
    on = datetime(2027, 1, 8, 15, tzinfo=UTC)
    clock.at = on
    for result in results:
        record: Record = PregnancyTest(on.date(), result, "clinic")
        assert clinic.enter(filled, record, at=on)
    assert sum(line.startswith("Fri, Jan 8, 2027:") and "test" in line for line in own(filled)) == 2
