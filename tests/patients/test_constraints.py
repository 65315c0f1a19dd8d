"""What the database refuses, whoever asks it: a table of nonsense, each by the name of its constraint."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from patients.models import Guardian, HeldEnrolment, Invitation, Patient, Pharmacy, Prescriber
from tests import people
from tests.people import AT, Village

pytestmark = pytest.mark.django_db


@pytest.fixture
def village() -> Village:
    return people.village()


def held(village: Village, **columns: object) -> HeldEnrolment:
    return HeldEnrolment.objects.create(prescriber=village.prescriber, data={}, created_at=AT, **columns)


NONSENSE: dict[str, Callable[[Village], object]] = {
    "patient_number_form": lambda v: Patient.objects.filter(pk=v.patient.pk).update(number="ABCD2340"),
    "patient_email_lower_case": lambda v: Patient.objects.filter(pk=v.patient.pk).update(email="A@example.org"),
    "prescriber_state_listed": lambda v: Prescriber.objects.update(state="fired"),
    "prescriber_npi_ten_digits": lambda v: Prescriber.objects.filter(pk=v.prescriber.pk).update(npi="12345"),
    "pharmacy_state_listed": lambda v: Pharmacy.objects.update(state=""),
    "pharmacy_npi_ten_digits": lambda v: Pharmacy.objects.update(npi="123456789X"),
    "guardian_email_lower_case": lambda v: Guardian.objects.update(email="A@example.org"),
    "guardian_once_a_patient": lambda v: people.guardian(v.minor, user=v.guardian.user),
    "invitation_expires_later": lambda v: Invitation.objects.create(patient=v.patient, sent_at=AT, expires_at=AT),
    "invitation_locks": lambda v: Invitation.objects.create(
        patient=v.patient, sent_at=AT, expires_at=AT + timedelta(1), failed_attempts=6
    ),
    "invitation_accepted_or_revoked": lambda v: Invitation.objects.create(
        patient=v.patient, sent_at=AT, expires_at=AT + timedelta(1), accepted_at=AT, revoked_at=AT
    ),
    "invitation_accepted_in_time": lambda v: Invitation.objects.create(
        patient=v.patient, sent_at=AT, expires_at=AT + timedelta(1), accepted_at=AT + timedelta(1)
    ),
    "invitation_one_open_a_person": lambda v: [people.invitation(v.patient), people.invitation(v.patient)],
    "held_enrolment_decided_by_somebody": lambda v: held(v, state="let_through"),
}
MORE_NONSENSE: dict[str, Callable[[Village], object]] = {
    "decided by somebody at no time": lambda v: held(v, state="turned_down", decided_by=uuid4()),
    "waiting, and decided": lambda v: held(v, decided_by=uuid4(), decided_at=AT),
    "a state that there is not": lambda v: held(v, state="forgotten", decided_by=uuid4(), decided_at=AT),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_refused_by_name(village: Village, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        NONSENSE[name](village)


@pytest.mark.parametrize("nonsense", MORE_NONSENSE.values(), ids=MORE_NONSENSE)
def test_a_held_enrolment_is_decided_consistently(village: Village, nonsense: Callable[[Village], object]) -> None:
    with pytest.raises(IntegrityError, match="held_enrolment_decided_by_somebody"), transaction.atomic():
        nonsense(village)


def test_every_constraint_of_the_tables_stands_in_the_list() -> None:
    models = (Patient, Prescriber, Pharmacy, Guardian, Invitation, HeldEnrolment)
    assert {constraint.name for model in models for constraint in model._meta.constraints} == set(NONSENSE)


def test_patient_and_guardian_each_have_an_open_invitation(village: Village) -> None:
    people.invitation(village.minor)
    people.invitation(village.minor, guardian=village.guardian)
    assert Invitation.objects.count() == 2


def test_an_ended_invitation_makes_room_for_the_next(village: Village) -> None:
    first = people.invitation(village.patient)
    Invitation.objects.filter(pk=first.pk).update(revoked_at=AT)
    people.invitation(village.patient)
    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_nobody_who_stands_in_a_file_can_be_removed(village: Village) -> None:
    for row in (village.patient.user, village.prescriber, village.minor, village.pharmacist.pharmacy):
        assert row is not None
        with pytest.raises(ProtectedError), transaction.atomic():
            row.delete()


def test_no_row_names_a_person_when_it_is_printed(village: Village) -> None:
    rows = [village.patient, village.prescriber, village.guardian, village.designee, village.patient.user]
    printed = " ".join(f"{row} {row!r}" for row in rows)
    for name in ("Ana", "Mora", "Guar Dian", "Ana Mora", "@", "Some One"):
        assert name not in printed
