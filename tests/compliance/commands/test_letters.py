"""Somebody without an e-mail address is enrolled, and invited by a printed letter with a code."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.mail import EmailMessage
from django.test import override_settings

import outbox
from accounts.roles import OFFICER
from compliance.commands import contacts, enrolment, guardians, letters
from compliance.commands.contacts import correct_patient
from compliance.commands.entries import EntryRefused
from compliance.commands.held_decisions import decide_held
from compliance.records.file import read_file
from compliance.rules.records import GuardianNamed, Invited, Record, Registered
from ledger.actor import Actor
from ledger.clock import now
from outbox.models import Message
from patients import letters as codes
from patients.invitations import LIFETIME, MAX_FAILED_ATTEMPTS
from patients.models import Guardian, HeldEnrolment, Invitation, Patient
from patients.numbers import ALPHABET
from tests.histories import ClinicFactory

pytestmark = pytest.mark.django_db

MINOR = date(2012, 2, 3)


@pytest.fixture
def clinic() -> ClinicFactory:
    return ClinicFactory(now())


def enrol(clinic: ClinicFactory, **given: Any) -> Patient:
    data: dict[str, Any] = {"given_name": "Ana", "family_name": "Mora", "born_on": date(2001, 4, 9), "email": ""}
    new = enrolment.NewPatient(**data | {"phone": "", "category": "can_become_pregnant"} | given)
    made = enrolment.enrol(new=new, by=clinic.doctor, at=now(), key=uuid4())
    assert made.patient is not None
    return Patient.objects.get(pk=made.patient)


def minor(clinic: ClinicFactory, **given: Any) -> Patient:
    return enrol(clinic, **{"born_on": MINOR, "guardian_name": "Gloria Mora"} | given)


def records(patient: Patient) -> list[Record]:
    return [entry.record for entry in read_file(patient.pk, now()).entries]


def print_letter(clinic: ClinicFactory, patient: Patient, guardian: Guardian | None = None) -> letters.Letter:
    return letters.print_letter(
        patient=patient.pk, by=clinic.doctor, at=now(), key=uuid4(), guardian=guardian.pk if guardian else None
    )


# --- enrolling and naming -------------------------------------------------------------------------
def test_enrolment_without_an_address_invites_nobody_until_a_letter_is_printed(clinic: ClinicFactory) -> None:
    patient = enrol(clinic)
    assert not Invitation.objects.exists()
    assert Message.objects.count() == 0
    assert not [one for one in records(patient) if isinstance(one, Invited)]
    (registered,) = [one for one in records(patient) if isinstance(one, Registered)]
    assert registered.sealed is not None
    assert set(registered.sealed) == {"name"}


@pytest.mark.parametrize(
    ("patient_email", "guardian_email"), [("", ""), ("p@example.org", ""), ("", "g@example.org")]
)  # fmt: skip
def test_enrolment_of_a_minor_invites_by_mail_whoever_has_an_address(
    clinic: ClinicFactory, patient_email: str, guardian_email: str
) -> None:
    patient = minor(clinic, email=patient_email, guardian_email=guardian_email)
    guardian = patient.guardians.get()
    invited = set(Invitation.objects.values_list("guardian", flat=True))
    wanted = {None} if patient_email else set()
    assert invited == (wanted | {guardian.pk} if guardian_email else wanted)
    assert Message.objects.count() == len(invited)


def test_two_patients_without_an_address_do_not_share_one(clinic: ClinicFactory) -> None:
    enrol(clinic)
    assert enrol(clinic, given_name="Bruno", family_name="Castro", born_on=date(1999, 1, 2)).email == ""


def test_duplicate_is_found_without_an_address_and_let_through_by_the_office(clinic: ClinicFactory) -> None:
    first = enrol(clinic)
    again = enrolment.NewPatient(
        given_name="Ana", family_name="Mora", born_on=date(2001, 4, 9), email="", phone="",
        category="can_become_pregnant",
    )  # fmt: skip
    held = enrolment.enrol(new=again, by=clinic.doctor, at=now(), key=uuid4())
    assert held.held is not None
    case = HeldEnrolment.objects.get(pk=held.held)
    assert case.candidates == [str(first.pk)]
    for officer in (clinic.officer, Actor(uuid4(), OFFICER)):
        decided = decide_held(held=case.pk, let_through=True, reason="Another.", by=officer, at=now(), key=uuid4())
    patient = Patient.objects.get(pk=decided.patient or UUID(int=0))
    assert letters.needs_letter(patient)
    assert print_letter(clinic, patient).code


def test_guardian_without_an_address_is_named_and_gets_a_letter(clinic: ClinicFactory) -> None:
    patient = minor(clinic)
    made = guardians.name_guardian(
        patient=patient.pk, name="Otto Mora", email="", by=clinic.doctor, at=now(), key=uuid4(),
        instead_of=patient.guardians.get().pk, reason="Moved away.",
    )  # fmt: skip
    guardian = Guardian.objects.get(pk=made)
    named = [one for one in records(patient) if isinstance(one, GuardianNamed)][-1]
    assert named.sealed is not None
    assert set(named.sealed) == {"name"}
    assert not Invitation.objects.exists()
    assert print_letter(clinic, patient, guardian).code
    assert Invitation.objects.get().guardian == guardian


# --- the letter -----------------------------------------------------------------------------------
def test_letter_is_recorded_as_an_invitation_and_no_message_is_sent(
    clinic: ClinicFactory, mailoutbox: list[EmailMessage]
) -> None:
    patient = enrol(clinic)
    letter = print_letter(clinic, patient)
    row = Invitation.objects.get()
    assert records(patient)[-1] == Invited(str(row.pk))
    assert letter.expires_at == row.expires_at == row.sent_at + LIFETIME
    outbox.deliver(at=now())
    assert mailoutbox == []


def test_code_is_short_unambiguous_and_kept_as_a_keyed_hash_alone(clinic: ClinicFactory) -> None:
    letter = print_letter(clinic, enrol(clinic))
    groups = letter.code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET)
    assert Invitation.objects.get().code_digest == codes.digest_of("".join(groups))


def test_codes_differ() -> None:
    assert len({codes.code_of(uuid4()) for _ in range(1000)}) == 1000


def test_printing_again_makes_another_code_and_ends_the_one_before(clinic: ClinicFactory) -> None:
    patient = enrol(clinic)
    first, second = print_letter(clinic, patient), print_letter(clinic, patient)
    assert first.code != second.code
    assert letters.find(code=first.code, born_on=patient.born_on, at=now()) is None
    assert letters.find(code=second.code, born_on=patient.born_on, at=now()) is not None


def test_same_press_shows_the_same_letter_for_some_minutes(clinic: ClinicFactory) -> None:
    patient, key, at = enrol(clinic), uuid4(), now()
    ask: Callable[..., letters.Letter] = lambda at: letters.print_letter(  # noqa: E731
        patient=patient.pk, by=clinic.doctor, at=at, key=key
    )
    assert ask(at) == ask(at + timedelta(minutes=9))
    with pytest.raises(letters.PrintedAlready):
        ask(at + timedelta(minutes=11))
    assert Invitation.objects.count() == 1


def test_letter_of_before_is_not_shown_again_once_another_was_printed(clinic: ClinicFactory) -> None:
    patient, key = enrol(clinic), uuid4()
    letters.print_letter(patient=patient.pk, by=clinic.doctor, at=now(), key=key)
    print_letter(clinic, patient)
    with pytest.raises(letters.PrintedAlready):
        letters.print_letter(patient=patient.pk, by=clinic.doctor, at=now(), key=key)


def test_nobody_with_an_address_gets_a_letter(clinic: ClinicFactory) -> None:
    patient = enrol(clinic, email="ana@example.org")
    before = len(records(patient))
    with pytest.raises(EntryRefused) as refused:
        print_letter(clinic, patient)
    assert refused.value.codes == ("has-an-address",)
    assert len(records(patient)) == before
    assert Invitation.objects.get().revoked_at is None, "the invitation by mail stays"


def test_letter_outlives_the_change_of_the_secret_key(clinic: ClinicFactory, settings: Any) -> None:
    patient = enrol(clinic)
    letter = print_letter(clinic, patient)
    with override_settings(SECRET_KEY="another-" * 10, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert letters.find(code=letter.code, born_on=patient.born_on, at=now()) is not None
    with override_settings(SECRET_KEY="another-" * 10):
        assert letters.find(code=letter.code, born_on=patient.born_on, at=now()) is None


# --- the code -------------------------------------------------------------------------------------
TYPED: dict[str, Callable[[str], str]] = {
    "as printed": str,
    "small": str.lower,
    "with spaces": lambda code: f" {code.replace('-', ' ')} ",
    "without groups": lambda code: code.replace("-", ""),
    "with long dashes": lambda code: code.replace("-", "\u2013"),
}


@pytest.mark.parametrize("how", TYPED)
def test_code_is_found_however_it_is_typed(clinic: ClinicFactory, how: str) -> None:
    patient = enrol(clinic)
    letter = print_letter(clinic, patient)
    found = letters.find(code=TYPED[how](letter.code), born_on=patient.born_on, at=now())
    assert found is not None
    assert found.failed_attempts == 0, "looking uses nothing up"


def expired(patient: Patient) -> None:
    later = Invitation.objects.get()
    Invitation.objects.update(sent_at=later.sent_at - LIFETIME * 2, expires_at=later.sent_at - LIFETIME)


OVER: dict[str, Callable[[Patient], object]] = {
    "expired": expired,
    "replaced": lambda patient: Invitation.objects.update(revoked_at=now()),
    "used": lambda patient: Invitation.objects.update(accepted_at=now()),
    "locked": lambda patient: Invitation.objects.update(failed_attempts=MAX_FAILED_ATTEMPTS),
    "another birth date": lambda patient: Patient.objects.update(born_on=date(2001, 4, 10)),
    "a code of an invitation by mail": lambda patient: Invitation.objects.update(code_digest=""),
}


@pytest.mark.parametrize("how", OVER)
def test_code_that_is_over_finds_nothing(clinic: ClinicFactory, how: str) -> None:
    patient = enrol(clinic)
    letter = print_letter(clinic, patient)
    OVER[how](patient)
    assert letters.find(code=letter.code, born_on=date(2001, 4, 9), at=now()) is None


def test_five_wrong_birth_dates_lock_a_code(clinic: ClinicFactory) -> None:
    patient = enrol(clinic)
    letter = print_letter(clinic, patient)
    for day in range(1, 1 + MAX_FAILED_ATTEMPTS):
        assert letters.find(code=letter.code, born_on=date(1990, 1, day), at=now()) is None
    assert letters.find(code=letter.code, born_on=patient.born_on, at=now()) is None
    assert Invitation.objects.get().over(now()) == "invitation-locked"


# --- corrections ----------------------------------------------------------------------------------
def correct(clinic: ClinicFactory, patient: Patient, email: str) -> contacts.Corrected:
    return correct_patient(
        patient=patient.pk, contact={"email": email}, reason="Told us.", by=clinic.doctor, at=now(), key=uuid4()
    )


def test_address_that_is_added_ends_the_letter_and_gets_the_invitation(clinic: ClinicFactory) -> None:
    patient = enrol(clinic)
    letter = print_letter(clinic, patient)
    correct(clinic, patient, "ana@example.org")
    assert letters.find(code=letter.code, born_on=patient.born_on, at=now()) is None
    assert [row.code_digest for row in Invitation.objects.filter(revoked_at=None)] == [""]
    assert Message.objects.filter(kind="invitation").count() == 1


def test_address_that_is_taken_away_before_there_is_an_account_makes_room_for_a_letter(clinic: ClinicFactory) -> None:
    patient = enrol(clinic, email="ana@example.org")
    correct(clinic, patient, "")
    patient.refresh_from_db()
    assert (patient.email, letters.needs_letter(patient)) == ("", True)
    assert not Invitation.objects.filter(revoked_at=None).exists()
    assert print_letter(clinic, patient).code
