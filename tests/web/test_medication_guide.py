"""The medication guide speaks to its reader: nobody who cannot become pregnant is addressed as if they could."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from compliance import documents
from compliance.commands import enrolment, invitations
from compliance.commands.enrolment import NewPatient
from compliance.rules.records import CategoryChanged
from patients.models import Guardian, Invitation, Patient
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD, as_
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

#: Words that take the reader for somebody who may be pregnant.
ADDRESSED = {
    "en": re.compile(r"\b(?:you|I)\s+(?:\w+\s+){0,3}pregnant", re.IGNORECASE),
    "es": re.compile(
        r"\b(?:puedes?|puedo) (?:estar|quedar) en embarazo|\best(?:ás|oy) (?:en embarazo|embarazada)"
        r"|\busted (?:puede (?:estar|quedar)|está) en embarazo|\bno debe (?:estar|quedar) en embarazo",
        re.IGNORECASE,
    ),
}
#: What everybody must know.
FOR_ALL = {
    "en": ("Give the medicine to nobody", "Do not give blood", "unborn baby"),
    "es": ("No le dé el medicamento a nadie", "No done sangre", "bebé en formación"),
}
CAN, CANNOT = "can_become_pregnant", "cannot_become_pregnant"


def enrolled(clinic: ClinicFactory, category: str, *, born_on: date = date(2001, 4, 9)) -> Patient:
    young = born_on.year > 2008
    new = NewPatient(
        given_name=uuid4().hex, family_name=uuid4().hex, born_on=born_on, email=f"{uuid4()}@example.org", phone="",
        category=category, reason="male" if category == CANNOT else "",
        guardian_name="G H" if young else "", guardian_email=f"{uuid4()}@example.org" if young else "",
    )  # fmt: skip
    patient = enrolment.enrol(new=new, by=clinic.doctor, at=NOW, key=uuid4()).patient
    assert patient is not None
    for invitation in Invitation.objects.filter(patient=patient):
        acceptance = invitations.Acceptance(born_on=born_on, password=PASSWORD)
        invitations.accept(invitation=invitation.pk, acceptance=acceptance, at=NOW, key=uuid4())
    return Patient.objects.get(pk=patient)


def guide(reader: User, language: str) -> str:
    return words(as_(reader), f"/documents/guide/{language}/")


def words(client: Client, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode().split("<main")[1]).split())


@pytest.fixture
def clinic(db: None, clock: Clock) -> ClinicFactory:
    clock.at = NOW
    return ClinicFactory()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("category", [CAN, CANNOT])
@pytest.mark.parametrize("who", ["patient", "guardian"])
def test_guide_speaks_of_pregnancy_to_whom_it_may_concern(
    clinic: ClinicFactory, who: str, category: str, language: str
) -> None:
    patient = enrolled(clinic, category, born_on=date(2011, 4, 9) if who == "guardian" else date(2001, 4, 9))
    reader = patient.user if who == "patient" else Guardian.objects.get(patient=patient).user
    assert reader is not None
    text = guide(reader, language)
    assert bool(ADDRESSED[language].search(text)) is (category == CAN)
    for word in FOR_ALL[language]:
        assert word in text


def test_guide_follows_a_change_of_category(clinic: ClinicFactory) -> None:
    patient = enrolled(clinic, CANNOT)
    assert patient.user is not None
    assert not ADDRESSED["en"].search(guide(patient.user, "en"))
    assert clinic.enter(patient, CategoryChanged(CAN, "entered in error"))
    assert ADDRESSED["en"].search(guide(patient.user, "en"))


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_version_that_is_read_by_its_address_is_tailored_where_it_can_be(
    clinic: ClinicFactory, version: int, language: str
) -> None:
    """A version that was published before stays as it was: it is no longer linked to."""
    patient = enrolled(clinic, CANNOT)
    assert patient.user is not None
    text = words(as_(patient.user), f"/documents/text/medication-guide/{version}/{language}/")
    assert bool(ADDRESSED[language].search(text)) is (version == 1)


def test_staff_read_all_of_it(clinic: ClinicFactory) -> None:
    for reader in (clinic.prescriber.user, factories.pharmacist().user, factories.officer()):
        assert ADDRESSED["en"].search(guide(reader, "en"))


def test_guardian_beside_two_reads_what_concerns_either(clinic: ClinicFactory) -> None:
    can, cannot = (enrolled(clinic, category, born_on=date(2011, 4, 9)) for category in (CAN, CANNOT))
    reader = Guardian.objects.get(patient=cannot).user
    assert reader is not None
    assert not ADDRESSED["en"].search(guide(reader, "en"))
    Guardian.objects.filter(patient=can).update(user=reader)
    assert ADDRESSED["en"].search(guide(reader, "en"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_text_that_everybody_signs_takes_nobody_for_pregnant(language: str) -> None:
    document = documents.current("patient-information", language, on=NOW.date())
    for item in document.items:
        assert not ADDRESSED[language].search(f"{item.text} {item.statement}"), item.id


def test_no_text_that_is_signed_has_items_for_some_alone() -> None:
    """What is signed is shown as it stands in the file whose hash the signature names."""
    for code in documents.CODES - {*documents.QUESTION_BANKS, *documents.TABLES, documents.GUIDE}:
        for version in documents.versions(code):
            assert not any(item.only_for or item.points for item in documents.load(code, version.number, "en").items)
