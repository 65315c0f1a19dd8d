"""Invitations to an address that has an account: which account takes which place, and who is told at the enrolment."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT
from compliance.commands import contacts, enrolment, held_decisions, invitations, joining, linking
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import EntryRefused
from compliance.commands.invitations import Acceptance, NotAccepted
from ledger import log
from ledger.actor import Actor
from patients.models import Guardian, Invitation, Patient
from tests import factories
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

ADDRESS = "family@example.org"


def new_patient(**changed: object) -> NewPatient:
    payload: dict[str, Any] = {
        "given_name": "Ana", "family_name": "Mora", "born_on": date(1990, 4, 9), "email": ADDRESS, "phone": "",
        "category": "can_become_pregnant",
    }  # fmt: skip
    return NewPatient(**{**payload, **changed})


def enrolled(clinic: ClinicFactory, *, by: Actor | None = None, **changed: object) -> Patient:
    result = enrolment.enrol(new=new_patient(**changed), by=by or clinic.doctor, at=NOW, key=uuid4())
    if result.patient is None:
        held = result.held
        assert held is not None
        decide = held_decisions.decide_held
        result = decide(held=held, let_through=True, by=clinic.officer, at=NOW, key=uuid4(), reason="seen")
        if result.waits:
            other = Actor(factories.officer().pk, "officer")
            result = decide(held=held, let_through=True, by=other, at=NOW, key=uuid4(), reason="seen")
    assert result.patient is not None
    return Patient.objects.get(pk=result.patient)


def accept(patient: Patient, account: User | None, guardian: Guardian | None = None) -> User:
    invitation = Invitation.objects.get(patient=patient, guardian=guardian, revoked_at=None)
    acceptance = Acceptance(born_on=patient.born_on, password="", account=account)
    return invitations.accept(invitation=invitation.pk, acceptance=acceptance, at=NOW, key=uuid4())


def minor(clinic: ClinicFactory, **changed: object) -> tuple[Patient, Guardian]:
    payload: dict[str, Any] = {"given_name": "Mina", "born_on": date(2011, 2, 3), "email": "mina@example.org",
               "guardian_name": "Ana Mora", "guardian_email": ADDRESS}  # fmt: skip
    patient = enrolled(clinic, **{**payload, **changed})
    return patient, Guardian.objects.get(patient=patient)


def roles(user: User) -> list[str]:
    return [place.role for place in User.objects.get(pk=user.pk).places]


# --- who takes a place ----------------------------------------------------------------------------
def test_mother_who_is_a_guardian_becomes_a_patient_with_the_same_account(clinic: ClinicFactory) -> None:
    child, row = minor(clinic)
    mother = accept(child, None, row)
    own = enrolled(clinic)
    assert accept(own, mother) == mother
    assert roles(mother) == [GUARDIAN, PATIENT]
    last = log.read(own.pk)[-1]
    assert (last.kind, last.actor, last.role, last.acting_for) == ("invitation_accepted", mother.pk, PATIENT, own.pk)


def test_patient_becomes_the_guardian_of_a_child_with_the_same_account(clinic: ClinicFactory) -> None:
    mother = accept(enrolled(clinic), None)
    child, row = minor(clinic)
    assert accept(child, mother, row) == mother
    assert roles(mother) == [GUARDIAN, PATIENT]
    last = log.read(child.pk)[-1]
    assert (last.kind, last.actor, last.role, last.acting_for) == ("invitation_accepted", mother.pk, GUARDIAN, None)


def test_guardian_of_two_has_one_place_for_both(clinic: ClinicFactory) -> None:
    (first, row), (second, other) = minor(clinic), minor(clinic, given_name="Nora", email="nora@example.org")
    mother = accept(first, None, row)
    accept(second, mother, other)
    assert roles(mother) == [GUARDIAN]


def test_patient_enrolled_anew_elsewhere_reaches_both_files(clinic: ClinicFactory) -> None:
    user = accept(enrolled(clinic), None)
    elsewhere = Actor(clinic.other.user_id, "prescriber", clinic.other.pk)
    again = enrolled(clinic, by=elsewhere)
    accept(again, user)
    assert roles(user) == [PATIENT, PATIENT]
    assert {place.id for place in User.objects.get(pk=user.pk).places} == set(
        Patient.objects.filter(user=user).values_list("pk", flat=True)
    )


def test_linked_file_is_reached_although_the_name_has_changed(clinic: ClinicFactory) -> None:
    first = enrolled(clinic)
    user = accept(first, None)
    elsewhere = Actor(clinic.other.user_id, "prescriber", clinic.other.pk)
    again = enrolled(clinic, by=elsewhere, family_name="Lindgren-Otto", born_on=date(1991, 9, 1))
    with pytest.raises(NotAccepted, match="account-of-another-patient"):
        accept(again, user)
    linking.link(files=(first.pk, again.pk), reason="married", by=clinic.officer, at=NOW, key=uuid4())
    if Patient.objects.get(pk=again.pk).linked_to_id is None:
        other = Actor(factories.officer().pk, "officer")
        linking.link(files=(first.pk, again.pk), reason="married", by=other, at=NOW, key=uuid4())
    accept(again, user)
    assert roles(user) == [PATIENT, PATIENT]


# --- who does not ---------------------------------------------------------------------------------
def _officer(clinic: ClinicFactory) -> tuple[Patient, Guardian | None, User]:
    user = factories.officer()
    return enrolled(clinic, email=user.email), None, user


def _own_prescriber(clinic: ClinicFactory) -> tuple[Patient, Guardian | None, User]:
    user = clinic.prescriber.user
    return enrolled(clinic, email=user.email), None, user


def _prescriber_as_guardian(clinic: ClinicFactory) -> tuple[Patient, Guardian | None, User]:
    user = clinic.prescriber.user
    return (*minor(clinic, guardian_email=user.email), user)


def _guardian_as_the_patient(clinic: ClinicFactory) -> tuple[Patient, Guardian | None, User]:
    child, row = minor(clinic)
    user = accept(child, None, row)
    Patient.objects.filter(pk=child.pk).update(email=ADDRESS)
    return child, None, user


def _patient_as_the_guardian(clinic: ClinicFactory) -> tuple[Patient, Guardian | None, User]:
    child, row = minor(clinic)
    user = accept(child, None)
    Guardian.objects.filter(pk=row.pk).update(email=user.email)
    return child, row, user


def _twin(clinic: ClinicFactory) -> tuple[Patient, Guardian | None, User]:
    user = accept(enrolled(clinic, given_name="Lena"), None)
    elsewhere = Actor(clinic.other.user_id, "prescriber", clinic.other.pk)
    return enrolled(clinic, by=elsewhere, given_name="Otto"), None, user


REFUSED: dict[str, tuple[str, Callable[[ClinicFactory], tuple[Patient, Guardian | None, User]]]] = {
    "an officer": (joining.OF_OFFICE, _officer),
    "the patient's own prescriber": (joining.OTHER_SIDE, _own_prescriber),
    "the prescriber as guardian": (joining.OTHER_SIDE, _prescriber_as_guardian),
    "the guardian as the patient": (joining.OTHER_SIDE, _guardian_as_the_patient),
    "the patient as the guardian": (joining.OTHER_SIDE, _patient_as_the_guardian),
    "a twin": (joining.OTHER_PERSON, _twin),
}


@pytest.mark.parametrize("name", REFUSED)
def test_account_that_cannot_take_the_place_is_told_why_and_at_once(clinic: ClinicFactory, name: str) -> None:
    code, build = REFUSED[name]
    patient, guardian, user = build(clinic)
    before = len(log.read(patient.pk))
    for account in (user, None):
        with pytest.raises(NotAccepted, match=code):
            accept(patient, account, guardian)
    invitation = Invitation.objects.get(patient=patient, guardian=guardian, revoked_at=None)
    assert joining.why_not(invitation, user) == code, "the page says so before anything is typed"
    assert len(log.read(patient.pk)) == before
    assert invitation.accepted_at is None


# --- at the enrolment -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"given_name": "Otto"}, ("email", "address-of-another-patient")),
        ({"given_name": "Otto", "born_on": date(2001, 1, 1)}, ("email", "address-of-another-patient")),
        ({"given_name": "Otto", "email": ADDRESS.upper()}, ("email", "address-of-another-patient")),
        (
            {"born_on": date(2011, 2, 3), "email": "m@example.org", "guardian_name": "A",
             "guardian_email": "M@example.org"},
            ("guardian_email", "guardians-own-address"),
        ),
    ],
    ids=["a twin", "a sibling", "written in capitals", "the guardian's own"],
)  # fmt: skip
def test_address_that_would_open_nothing_is_refused_beside_its_field(
    clinic: ClinicFactory, changed: dict[str, object], refused: tuple[str, str]
) -> None:
    enrolled(clinic, given_name="Lena")
    with pytest.raises(EntryRefused) as told:
        enrolment.enrol(new=new_patient(**changed), by=clinic.doctor, at=NOW, key=uuid4())
    assert (told.value.first.field, told.value.first.rule) == refused


@pytest.mark.parametrize("address", ["family@example.org", "parent@example.org"], ids=["a twin's", "the guardian's"])
def test_corrected_address_that_would_open_nothing_is_refused_too(clinic: ClinicFactory, address: str) -> None:
    enrolled(clinic, given_name="Lena")
    child, _guardian = minor(clinic, guardian_email="parent@example.org")
    with pytest.raises(EntryRefused) as told:
        contacts.correct_patient(
            patient=child.pk, contact={"email": address}, reason="typed wrongly", by=clinic.doctor, at=NOW, key=uuid4()
        )
    assert told.value.first.field == "email"
    child.refresh_from_db()
    assert child.email == "mina@example.org"


def test_practice_learns_nothing_of_patients_elsewhere(clinic: ClinicFactory) -> None:
    """Whoever reads the mail at that address is told, when the link is opened."""
    enrolled(clinic, given_name="Lena", born_on=date(1985, 1, 1))
    elsewhere = Actor(clinic.other.user_id, "prescriber", clinic.other.pk)
    result = enrolment.enrol(new=new_patient(given_name="Otto"), by=elsewhere, at=NOW, key=uuid4())
    assert result.patient is not None


def test_the_same_person_again_is_held_and_not_sent_away(clinic: ClinicFactory) -> None:
    enrolled(clinic)
    assert enrolment.enrol(new=new_patient(), by=clinic.doctor, at=NOW, key=uuid4()).held is not None
