"""The office finds any patient, practice and pharmacy; what it views is in the access log."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from compliance.rules.care.kinds import CARE
from compliance.rules.care.notes import ProblemReported
from compliance.rules.records import Counselled
from ledger.models import AccessEvent
from patients import everywhere
from patients.models import Patient, Pharmacy, Prescriber
from tests import factories
from tests.histories import NOW, ClinicFactory
from tests.plans import plan_of
from tests.web.cases import case
from web.office.patients import SEEN_OF_CARE, is_seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return factories.officer()


@pytest.fixture
def office(officer: User) -> Client:
    return factories.as_(officer)


@pytest.fixture
def ana(clinic: ClinicFactory) -> Patient:
    row = factories.patient(
        clinic.prescriber, given_name="Ana María", family_name="O'Neill Mora", born_on=date(2001, 4, 9),
        phone="+12125550142", email="ana@example.org",
    )  # fmt: skip
    factories.patient(clinic.other, given_name="Another", family_name="Person", born_on=date(1999, 1, 1))
    return row


#: What is typed, and whether it finds Ana María O'Neill Mora, born April 9, 2001.
TYPED = {
    "the name": ("Ana María O'Neill Mora", True),
    "the family name first": ("o'neill mora ana maria", True),
    "any order": ("maria mora oneill ana", True),
    "a part of the name": ("Mora", True),
    "three letters within a word": ("eil", True),
    "parts of two words in any order": ("mor arí", True),
    "parts without their accents": ("ARI mor", True),
    "a part, and two letters that begin a word": ("mora an", True),
    "a part, and two letters within a word": ("mora ri", False),
    "what is left where the apostrophe is": ("O Neill", True),
    "a part that another name has": ("mora person", False),
    "two letters alone": ("mo", False),
    "three letters of no name": ("xyz", False),
    "a part with a digit": ("mora 7", False),
    "an underscore and a part": ("mo_a", False),
    "a part of the name and the birth date": ("mora 04/09/2001", True),
    "the birth date first": ("2001-04-09 ana", True),
    "the birth date alone": ("4/9/2001", True),
    "the birth date of another": ("mora 04/10/2001", False),
    "a name of another on that day": ("person 04/09/2001", False),
    "the telephone number": ("(212) 555-0142", True),
    "another telephone number": ("212 555 0143", False),
    "the e-mail address": ("ANA@example.org", True),
    "a percent sign": ("%", False),
    "nothing": ("  ", False),
}


def test_a_patient_is_found_by(ana: Patient) -> None:
    found = {
        name: list(everywhere.patients(Patient.objects.all(), typed)) for name, (typed, _is_found) in TYPED.items()
    }
    assert found == {name: [ana] * is_found for name, (_typed, is_found) in TYPED.items()}


def test_a_patient_is_found_by_number(ana: Patient) -> None:
    for typed in (ana.number, f"{ana.number[:4]}-{ana.number[4:]}".lower()):
        assert list(everywhere.patients(Patient.objects.all(), typed)) == [ana]


def test_no_search_reads_all_patients(ana: Patient) -> None:
    """Each way has an index: with sequences of rows forbidden, none is read."""
    for typed in ["Ana Mora Lopez Perez", "mora", "eil an", "212 555 0142", "22222222", "04/09/2001 ana", "a@b.org"]:
        with case(typed):
            assert "Seq Scan" not in plan(typed)
            assert "Index" in plan(typed)


def plan(typed: str) -> str:
    """How the search is carried out where reading all rows is forbidden."""
    # By its key a table with few rows is read whole as well.
    return plan_of(everywhere.patients(Patient.objects.all(), typed), off=("seqscan", "indexscan"))


def test_whoever_has_the_whole_name_comes_before_those_who_have_it_as_a_part(clinic: ClinicFactory) -> None:
    names = [("Susana", "Leeds"), ("Ana", "Lee"), ("Diana", "Ashlee")]
    for given, family in names:
        factories.patient(clinic.prescriber, given_name=given, family_name=family)
    found = everywhere.patients(Patient.objects.all(), "lee ana")
    assert [(row.given_name, row.family_name) for row in found] == [
        ("Ana", "Lee"),
        ("Diana", "Ashlee"),
        ("Susana", "Leeds"),
    ]


def test_of_a_part_that_very_many_have_some_are_found_by_one_query(
    clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everywhere, "MOST_FOUND", 3)
    for number in range(5):
        factories.patient(clinic.prescriber, given_name=f"G{number}", family_name="Garcíason")
    with CaptureQueriesContext(connection) as queries:
        assert len(everywhere.patients(Patient.objects.all(), "arcia")) == 3
    assert len(queries) == 1


def test_index_of_parts_of_names_is_used_by_the_search() -> None:
    """Another expression in the index than in the query would never be used, and nobody would notice."""
    assert "Index Scan on patient_name_parts" in plan("mora")


def test_practices_and_pharmacies_stand_on_the_page(clinic: ClinicFactory, office: Client) -> None:
    Prescriber.objects.filter(pk=clinic.prescriber.pk).update(practice_name="Clínica Peña")
    Pharmacy.objects.filter(pk=clinic.pharmacies[0].pk).update(name="Farmacia Peña")
    answer: Any = office.post("/office/find/", {"q": "pena"}, follow=True)
    assert [row.pk for row in answer.context["practices"]] == [clinic.prescriber.pk]
    assert [row.pk for row in answer.context["pharmacies"]] == [clinic.pharmacies[0].pk]


def test_what_is_searched_for_stands_in_no_address_and_is_viewed_by_name(
    ana: Patient, office: Client, officer: User
) -> None:
    answer: Any = office.post("/office/find/", {"q": "ana maria oneill mora"})
    assert answer.status_code == 302
    assert "ana" not in answer["Location"].lower() and "mora" not in answer["Location"].lower()
    page = office.get(answer["Location"]).content.decode()
    assert f"/office/patients/{ana.pk}/" in page
    assert "Person" not in page
    (viewed,) = AccessEvent.objects.all()
    assert (viewed.actor, viewed.subject, viewed.what, viewed.why) == (officer.pk, ana.pk, "find", "program-office")


def test_a_search_that_is_over_says_so(office: Client) -> None:
    assert "This search is over" in office.get("/office/find/?search=0123abcd").content.decode()
    assert "This search is over" not in office.get("/office/find/").content.decode()


def test_a_patient_is_opened_with_a_trace(clinic: ClinicFactory, office: Client, officer: User) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    page = office.get(f"/office/patients/{patient.pk}/").content.decode()
    assert number and number in page
    assert "Visit with counselling" in page
    assert AccessEvent.objects.filter(actor=officer.pk, subject=patient.pk, what="patient").count() == 1


def test_what_surrounds_the_fill_is_seen_only_where_it_is_named() -> None:
    """A kind of another module, such as how somebody feels, is not the office's to read unless it is listed."""
    assert is_seen(ProblemReported("missed_period"))
    assert is_seen(Counselled(NOW.date()))
    assert set(CARE) >= SEEN_OF_CARE

    class Mood(ProblemReported):
        kind = "mood_answered"

    CARE_WITH_MOOD = (*CARE, Mood)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("web.office.patients.CARE", CARE_WITH_MOOD)
        assert not is_seen(Mood("missed_period"))


def test_a_long_record_costs_as_many_queries_as_a_short_one(clinic: ClinicFactory, office: Client) -> None:
    patient = clinic.ready()
    path = f"/office/patients/{patient.pk}/"
    office.get(path)
    with CaptureQueriesContext(connection) as few:
        office.get(path)
    for _ in range(8):
        clinic.enter(patient, Counselled(NOW.date()))
    with CaptureQueriesContext(connection) as many:
        office.get(path)
    assert len(many) <= len(few) + 1 <= 14
