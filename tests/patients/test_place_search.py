"""Practices and pharmacies are found as patients are: without accents, in any order, and by indexes alone."""

from collections.abc import Callable, Mapping

import pytest
from django.db.models import QuerySet

from accounts.models import User
from compliance.records.programs import DEFAULT
from patients.models import Patient, Pharmacy, Prescriber
from patients.place_search import pharmacies, practices
from tests import factories
from tests.histories import NOW, ClinicFactory
from tests.plans import plan_of
from web.shared.prescribers import search_certified

pytestmark = pytest.mark.django_db

#: What is typed, and whether it finds the Clínica Peña-Núñez of Dr. Zoë O'Neill, and the pharmacy of that name.
TYPED: Mapping[str, tuple[str, bool, bool]] = {
    "the name without accents": ("Clinica Pena", True, True),
    "the name": ("Clínica Peña-Núñez", True, True),
    "in another order": ("nunez clinica", True, True),
    "a part of a word": ("unez", True, True),
    "accents on other letters": ("clinicá penä", True, True),
    "two letters that begin a word": ("pe clinica", True, True),
    "two letters within a word": ("en clinica", False, False),
    "the prescriber, without accents": ("zoe oneill", True, False),
    "what is left where the apostrophe is": ("neill", True, False),
    "the practice and the prescriber": ("neill clinica", True, False),
    "the city": ("mayaguez", True, True),
    "the practice and the city": ("Mayagüez, Clínica", True, True),
    "the practice, and a word of another": ("clinica corner", False, False),
    "words of two others": ("corner calle", False, False),
    "the telephone number": ("(212) 555-0177", True, False),
    "another telephone number": ("212 555 0178", False, False),
    "a percent sign": ("%", False, False),
    "an underscore": ("clin_ca", False, False),
    "an apostrophe alone": ("'", False, False),
    "nothing": ("  ", False, False),
}


@pytest.fixture
def practice() -> Prescriber:
    row = factories.prescriber()
    columns = {"practice_name": "Clínica Peña-Núñez", "phone": "+12125550177", "address": "Calle 5, Mayagüez"}
    Prescriber.objects.filter(pk=row.pk).update(**columns)
    User.objects.filter(pk=row.user_id).update(name="Zoë O'Neill")
    Prescriber.objects.filter(pk=factories.prescriber().pk).update(practice_name="Corner Practice")
    return row


@pytest.fixture
def pharmacy() -> Pharmacy:
    row, other = factories.pharmacist().pharmacy, factories.pharmacist().pharmacy
    columns = {"name": "Clínica Peña-Núñez", "phone": "+13125550177", "address": "Calle 5, Mayagüez"}
    Pharmacy.objects.filter(pk=row.pk).update(**columns)
    Pharmacy.objects.filter(pk=other.pk).update(name="Corner Pharmacy")
    return row


@pytest.mark.parametrize("name", TYPED)
def test_a_place_is_found_by(practice: Prescriber, pharmacy: Pharmacy, name: str) -> None:
    typed, is_practice, is_pharmacy = TYPED[name]
    assert list(practices(typed)) == [practice] * is_practice
    assert list(pharmacies(typed)) == [pharmacy] * is_pharmacy


def test_a_place_is_found_by_its_npi(practice: Prescriber, pharmacy: Pharmacy) -> None:
    assert list(practices(practice.npi)) == [practice] and not practices(pharmacy.npi)
    assert list(pharmacies(f" {pharmacy.npi[:4]}-{pharmacy.npi[4:]}")) == [pharmacy]


def test_a_patient_finds_a_prescriber_without_accents(clinic: ClinicFactory) -> None:
    Prescriber.objects.filter(pk=clinic.prescriber.pk).update(practice_name="Clínica Peña")
    assert search_certified("pena clinica", DEFAULT, NOW) == [clinic.prescriber]
    Prescriber.objects.filter(pk=clinic.prescriber.pk).update(state="suspended")
    assert search_certified("pena clinica", DEFAULT, NOW) == []


def test_a_patients_own_name_finds_no_practice(clinic: ClinicFactory) -> None:
    row = factories.patient(clinic.prescriber, given_name="Zoë", family_name="Unheard")
    assert Patient.objects.filter(pk=row.pk).exists() and not practices("unheard")


SEARCHES: Mapping[str, tuple[Callable[[str], QuerySet[Prescriber] | QuerySet[Pharmacy]], set[str]]] = {
    "practices": (practices, {"prescriber_words", "user_prescriber_words", "prescriber_phone_digits"}),
    "pharmacies": (pharmacies, {"pharmacy_words", "pharmacy_phone_digits"}),
}


@pytest.mark.parametrize("kind", SEARCHES)
def test_no_search_reads_all_places(practice: Prescriber, pharmacy: Pharmacy, kind: str) -> None:
    """With sequences of rows forbidden each word and number has its index: another expression would never use it."""
    search, indexes = SEARCHES[kind]
    plans = "".join(plan(search(typed)) for typed in ("clinica pena", "212 555 0177"))
    assert {name for name in indexes if f" {name} " in plans} == indexes


def plan(rows: QuerySet[Prescriber] | QuerySet[Pharmacy]) -> str:
    """How the rows are read where reading all of them is forbidden."""
    return plan_of(rows, off=("seqscan", "indexscan"))
