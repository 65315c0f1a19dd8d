"""Database constraints: a table of invalid rows, each refused by the constraint of that name."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from patients.models import Guardian, HeldEnrolment, Invitation, Patient, Pharmacy, Prescriber
from tests import factories
from tests.factories import AT, EachRole

pytestmark = pytest.mark.django_db


@pytest.fixture
def each_role() -> EachRole:
    return factories.each_role()


def held(each_role: EachRole, **columns: object) -> HeldEnrolment:
    return HeldEnrolment.objects.create(prescriber=each_role.prescriber, data={}, created_at=AT, **columns)


NONSENSE: dict[str, Callable[[EachRole], object]] = {
    "patient_number_form": lambda v: Patient.objects.filter(pk=v.patient.pk).update(number="ABCD2340"),
    "patient_email_lower_case": lambda v: Patient.objects.filter(pk=v.patient.pk).update(email="A@example.org"),
    "patient_program_code": lambda v: Patient.objects.filter(pk=v.patient.pk).update(program=""),
    "prescriber_program_code": lambda v: Prescriber.objects.update(program="Isotretinoin"),
    "pharmacy_program_code": lambda v: Pharmacy.objects.update(program="-us"),
    "prescriber_state_listed": lambda v: Prescriber.objects.update(state="fired"),
    "prescriber_npi_ten_digits": lambda v: Prescriber.objects.filter(pk=v.prescriber.pk).update(npi="12345"),
    "pharmacy_state_listed": lambda v: Pharmacy.objects.update(state=""),
    "pharmacy_npi_ten_digits": lambda v: Pharmacy.objects.update(npi="123456789X"),
    "guardian_email_lower_case": lambda v: Guardian.objects.update(email="A@example.org"),
    "patient_language_listed": lambda v: Patient.objects.filter(pk=v.patient.pk).update(language="de"),
    "guardian_language_listed": lambda v: Guardian.objects.update(language="EN"),
    "guardian_once_a_patient": lambda v: factories.guardian(v.minor, user=v.guardian.user),
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
    "invitation_code_once": lambda v: [
        Invitation.objects.create(patient=one, sent_at=AT, expires_at=AT + timedelta(1), code_digest="0" * 64)
        for one in (v.patient, v.other_patient)
    ],
    "invitation_one_open_a_person": lambda v: [factories.invitation(v.patient), factories.invitation(v.patient)],
    "held_enrolment_two_officers": lambda v: held(
        v, state="let_through", decided_by=v.officer.pk, asked_by=v.officer.pk, decided_at=AT
    ),
    "held_enrolment_correction_of_a_file": lambda v: held(v, is_correction=True),
    "held_enrolment_decided_by_somebody": lambda v: held(v, state="let_through"),
}
MORE_NONSENSE: dict[str, Callable[[EachRole], object]] = {
    "decided by somebody at no time": lambda v: held(v, state="turned_down", decided_by=uuid4()),
    "waiting, and decided": lambda v: held(v, decided_by=uuid4(), decided_at=AT),
    "a state that there is not": lambda v: held(v, state="forgotten", decided_by=uuid4(), decided_at=AT),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_refused_by_name(each_role: EachRole, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        NONSENSE[name](each_role)


@pytest.mark.parametrize("nonsense", MORE_NONSENSE.values(), ids=MORE_NONSENSE)
def test_a_held_enrolment_is_decided_consistently(each_role: EachRole, nonsense: Callable[[EachRole], object]) -> None:
    with pytest.raises(IntegrityError, match="held_enrolment_decided_by_somebody"), transaction.atomic():
        nonsense(each_role)


def test_every_constraint_of_the_tables_stands_in_the_list() -> None:
    models = (Patient, Prescriber, Pharmacy, Guardian, Invitation, HeldEnrolment)
    assert {constraint.name for model in models for constraint in model._meta.constraints} == set(NONSENSE)


def test_patient_and_guardian_each_have_an_open_invitation(each_role: EachRole) -> None:
    factories.invitation(each_role.minor)
    factories.invitation(each_role.minor, guardian=each_role.guardian)
    assert Invitation.objects.count() == 2


def test_an_ended_invitation_makes_room_for_the_next(each_role: EachRole) -> None:
    first = factories.invitation(each_role.patient)
    Invitation.objects.filter(pk=first.pk).update(revoked_at=AT)
    factories.invitation(each_role.patient)
    assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_nobody_who_stands_in_a_file_can_be_removed(each_role: EachRole) -> None:
    for row in (each_role.patient.user, each_role.prescriber, each_role.minor, each_role.pharmacist.pharmacy):
        assert row is not None
        with pytest.raises(ProtectedError), transaction.atomic():
            row.delete()


def test_no_row_names_a_person_when_it_is_printed(each_role: EachRole) -> None:
    rows = [each_role.patient, each_role.prescriber, each_role.guardian, each_role.designee, each_role.patient.user]
    printed = " ".join(f"{row} {row!r}" for row in rows)
    for name in ("Ana", "Mora", "Guar Dian", "Ana Mora", "@", "Some One"):
        assert name not in printed
