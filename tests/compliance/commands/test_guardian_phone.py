"""The telephone number of a guardian: told at the enrolment or later, corrected with a reason, changed by its owner."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, PATIENT, PHARMACIST
from compliance.commands import address_change, enrolment, guardians
from compliance.commands.address_change import NothingChanged
from compliance.commands.decide import NotPermitted
from compliance.commands.enrolment import NewPatient
from compliance.commands.entries import EntryRefused
from compliance.records.file import read_file
from compliance.rules.records import GuardianCorrected, GuardianNamed
from ledger.actor import Actor
from ledger.erasable_text import read_texts
from patients.models import Guardian, HeldEnrolment
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

FIRST, OTHER = "+12125550141", "+12125550142"
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _today(clock: Clock) -> None:
    clock.at = NOW


def new() -> NewPatient:
    name = uuid4().hex
    return NewPatient(
        given_name=name, family_name=name[::-1], born_on=date(2012, 2, 3), email=f"{name}@example.org", phone="",
        category="can_become_pregnant", guardian_name="Ada Roe", guardian_phone=FIRST,
    )  # fmt: skip


def enrolled(clinic: ClinicFactory) -> Guardian:
    patient = enrolment.enrol(new=new(), by=clinic.doctor, at=NOW, key=uuid4()).patient
    return Guardian.objects.get(patient=patient)


def signed_in(guardian: Guardian) -> User:
    guardian.user = factories.account(GUARDIAN)
    guardian.save()
    return guardian.user


def numbers(guardian: Guardian) -> list[str]:
    """What the log says, in order: that of the naming, and each correction."""
    records = [entry.record for entry in read_file(guardian.patient_id, LATER).entries]
    sealed = [record.sealed for record in records if isinstance(record, (GuardianNamed, GuardianCorrected))]
    digests = [one["phone"] for one in sealed if one and "phone" in one]
    texts = read_texts(digests)
    return [texts[digest] for digest in digests]


def test_it_is_told_at_the_enrolment(clinic: ClinicFactory) -> None:
    guardian = enrolled(clinic)
    assert (guardian.phone, numbers(guardian)) == (FIRST, [FIRST])


def test_it_goes_along_with_an_enrolment_that_is_held(clinic: ClinicFactory) -> None:
    first = new()
    enrolment.enrol(new=first, by=clinic.doctor, at=NOW, key=uuid4())
    by = Actor(clinic.other.user_id, "prescriber", clinic.other.pk)
    held = enrolment.enrol(new=first, by=by, at=NOW, key=uuid4()).held
    assert held is not None
    assert HeldEnrolment.objects.get(pk=held).data["guardian_phone"] == FIRST


@pytest.mark.parametrize("replaces", [False, True])
def test_it_is_told_when_a_guardian_is_named_or_replaced(clinic: ClinicFactory, replaces: bool) -> None:
    before = enrolled(clinic)
    instead = before.pk if replaces else None
    named = guardians.name_guardian(
        patient=before.patient_id, name="Bo", email="", phone=OTHER, by=clinic.doctor, at=LATER, key=uuid4(),
        instead_of=instead, reason="r",
    )  # fmt: skip
    assert Guardian.objects.get(pk=named).phone == OTHER


@pytest.mark.parametrize("role", ["prescriber", DESIGNEE])
def test_practice_corrects_it_with_a_reason_and_the_old_one_stays(clinic: ClinicFactory, role: str) -> None:
    guardian = enrolled(clinic)
    by = clinic.doctor
    if role == DESIGNEE:
        by = Actor(factories.designee(clinic.prescriber).user_id, DESIGNEE, clinic.prescriber.pk)
    for phone in (OTHER, ""):
        guardians.correct_guardian(
            patient=guardian.patient_id, guardian=guardian.pk, contact={"phone": phone}, reason="moved", by=by,
            at=LATER, key=uuid4(),
        )  # fmt: skip
    guardian.refresh_from_db()
    assert (guardian.phone, numbers(guardian)) == ("", [FIRST, OTHER, ""])
    with pytest.raises(EntryRefused):
        guardians.correct_guardian(
            patient=guardian.patient_id, guardian=guardian.pk, contact={"phone": ""}, reason="r", by=by, at=LATER,
            key=uuid4(),
        )  # fmt: skip


def test_owner_changes_it_beside_each_minor_and_nobody_else_does(clinic: ClinicFactory) -> None:
    guardian, sibling = enrolled(clinic), enrolled(clinic)
    user = signed_in(guardian)
    Guardian.objects.filter(pk=sibling.pk).update(user=user)
    for role in (PATIENT, PHARMACIST):
        with pytest.raises(NotPermitted):
            address_change.correct_own_phone(user=user, phone=OTHER, by=Actor(user.pk, role), at=LATER, key=uuid4())
    with pytest.raises(NotPermitted):
        address_change.correct_own_phone(
            user=user, phone=OTHER, by=Actor(factories.account(GUARDIAN).pk, GUARDIAN), at=LATER, key=uuid4()
        )
    by, key = Actor(user.pk, GUARDIAN), uuid4()
    for _ in range(2):
        address_change.correct_own_phone(user=user, phone=OTHER, by=by, at=LATER, key=key)
    for one in (guardian, sibling):
        one.refresh_from_db()
        assert (one.phone, numbers(one)) == (OTHER, [FIRST, OTHER])
    with pytest.raises(NothingChanged):
        address_change.correct_own_phone(user=user, phone=OTHER, by=by, at=LATER, key=uuid4())


def test_pages_ask_show_and_change_it(clinic: ClinicFactory) -> None:
    guardian = enrolled(clinic)
    user = signed_in(guardian)
    doctor, page = as_(clinic.prescriber.user), reverse("prescriber:patient", args=[guardian.patient_id])
    assert f'href="tel:{FIRST}"' in doctor.get(page).content.decode()
    assert 'name="guardian_phone"' in doctor.get(reverse("prescriber:enrol")).content.decode()
    path = reverse("own_account:phone")
    assert path in as_(user).get(reverse("mfa_index")).content.decode()
    wrong = as_(user).post(path, {"phone": "12", "key": str(uuid4())})
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.content.decode(), "what was typed is kept"
    assert as_(user).post(path, {"phone": "212 555 0142", "key": str(uuid4())}).status_code == 302
    guardian.refresh_from_db()
    assert guardian.phone == OTHER
    same = as_(user).post(path, {"phone": OTHER, "key": str(uuid4())})
    assert same.status_code == 422
