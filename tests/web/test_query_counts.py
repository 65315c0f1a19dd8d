"""Query counts of pages: the same for few patients and many, for a short log and a long one."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from compliance.rules.records import Counselled, TransferOffered
from tests import factories
from tests.histories import ClinicFactory

pytestmark = pytest.mark.django_db

#: So many more of a kind: a page that asks once for each asks three times more.
MORE = 3


def count(user: User, path: str, form: dict[str, str] | None = None) -> int:
    client = Client()
    factories.sign_in(client, user)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer: Any = client.get(path) if form is None else client.post(path, form)
    assert answer.status_code == (200 if form is None else 302)
    return len(queries)


def test_the_worklist(clinic: ClinicFactory) -> None:
    clinic.ready()
    few = count(clinic.prescriber.user, "/prescriber/")
    for _ in range(MORE):
        clinic.ready()
    assert count(clinic.prescriber.user, "/prescriber/") == few
    assert few <= 7


def test_what_is_offered(clinic: ClinicFactory) -> None:
    """The list of offers, the office's of a prescriber's patients, and its list of prescribers who cannot act."""
    officer, to = factories.officer(), clinic.other
    pages = {
        "/prescriber/offers/": to.user,
        f"/office/prescribers/{clinic.prescriber.pk}/": officer,
        "/office/prescribers/": officer,
    }

    def offered() -> None:
        patient = clinic.ready()
        assert clinic.enter(patient, TransferOffered(str(to.pk)))
        factories.patient(factories.prescriber(state="suspended"))

    offered()
    few = {path: count(user, path) for path, user in pages.items()}
    for _ in range(MORE):
        offered()
    assert {path: count(user, path) for path, user in pages.items()} == few
    assert max(few.values()) <= 9


def test_the_search_for_a_prescriber(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    client = Client()
    factories.sign_in(client, patient.user)

    def searched() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/patient/prescriber/find/").status_code == 200
        return len(queries)

    key = "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a3"
    assert client.post("/patient/prescriber/find/", {"sought": "Practice", "key": key}).status_code == 302
    few = searched()
    for _ in range(MORE):
        factories.prescriber()
    assert searched() == few
    assert few <= 12


def test_a_patients_page(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    path = f"/prescriber/patients/{patient.pk}/"
    clinic.enter(patient, Counselled(date(2026, 12, 14)))
    few = count(clinic.prescriber.user, path)
    for _ in range(MORE):
        clinic.enter(patient, Counselled(date(2026, 12, 14)))
    assert count(clinic.prescriber.user, path) == few
    assert few <= 13


def test_the_counter(clinic: ClinicFactory) -> None:
    reader = clinic.pharmacies[0].pharmacists.get().user
    yes, no = clinic.ready(), clinic.ready()
    clinic.authorize(no, counter=1)
    assert count(reader, "/counter/") <= 5

    def ask(number: str, key: str) -> dict[str, str]:
        return {"number": number, "born_on": "04/02/2001", "days_supply": "30", "key": key}

    first, second = "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a1", "5e0d6dd8-7b8f-4a53-a42c-4cf0b1d0f2a2"
    assert count(reader, "/counter/", ask(no.number, first)) <= 9
    assert count(reader, "/counter/", ask(yes.number, second)) <= 13
    assert count(reader, f"/counter/answers/{first}/") <= 7
    assert count(reader, f"/counter/answers/{second}/") <= 9


def test_the_lists_of_authorizations(clinic: ClinicFactory) -> None:
    reader = clinic.pharmacies[0].pharmacists.get().user
    clinic.authorize(clinic.ready())
    few = {path: count(reader, path) for path in ("/counter/", "/counter/authorizations/")}
    for _ in range(MORE):
        clinic.authorize(clinic.ready())
    assert {path: count(reader, path) for path in few} == few
    assert few["/counter/"] <= 7


def test_the_patients_page_for_the_patient(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    few = count(patient.user, "/patient/")
    for _ in range(MORE):
        clinic.enter(patient, Counselled(date(2026, 12, 14)))
    assert count(patient.user, "/patient/") == few


#: Pages of the office.
OFFICE = (
    "",
    "certifications/",
    "duplicates/",
    "overdue/",
    "late/",
    "erasures/",
    "request-log/",
    "outbox/",
    "applications/",
    "oversight/",
    "oversight/noncompliance/",
    "oversight/noncompliance/signals/",
    "oversight/fills/",
    "oversight/days-to-fill/",
    "oversight/happened/enrolled/",
    "oversight/now/mismatch/",
)


def test_the_office(clinic: ClinicFactory) -> None:
    officer = factories.officer()
    few = {page: count(officer, f"/office/{page}") for page in OFFICE}
    for _ in range(MORE):
        clinic.authorize(clinic.ready())
        factories.prescriber()
    many = {page: count(officer, f"/office/{page}") for page in OFFICE}
    assert {page: (few[page], many[page]) for page in OFFICE if many[page] > few[page] + 1} == {}
