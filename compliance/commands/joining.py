"""Which account may take which place: one person's files in one account, and nobody on both sides of a file."""

from collections.abc import Iterator
from uuid import UUID

from accounts.languages import UNKNOWN
from accounts.models import User
from accounts.roles import OFFICER
from compliance.rules.refusals import Refusal
from patients.duplicates import name_key
from patients.likeness import given_names_agree
from patients.models import Guardian, Invitation, Patient, Prescriber

#: Why an account cannot take the place of an invitation.
OF_OFFICE, OTHER_SIDE, OTHER_PERSON, ALREADY = (
    "account-of-the-office", "account-on-the-other-side", "account-of-another-patient", "account-is-guardian-already",
)  # fmt: skip
REASONS = (OF_OFFICE, OTHER_SIDE, OTHER_PERSON, ALREADY)


def address_of(invitation: Invitation) -> str:
    """Where the invitation went."""
    return (invitation.guardian or invitation.patient).email.lower()


def account_at(address: str) -> User | None:
    """The account with that address."""
    return User.objects.filter(email=address).first() if address else None


def take_language(account: User, invitation: Invitation) -> None:
    """An account that says no language takes the one that the practice was told of its owner."""
    if account.language == UNKNOWN:
        account.language = (invitation.guardian or invitation.patient).language
        account.save(update_fields=["language"])


def why_not(invitation: Invitation, account: User) -> str | None:
    """Why this account cannot take the place to which somebody is invited; None where it can."""
    patient, files = invitation.patient, _files_of(invitation.patient)
    if account.opened_as == OFFICER:
        return OF_OFFICE
    if Prescriber.objects.filter(pk=patient.prescriber_id, user=account).exists():
        return OTHER_SIDE
    own = list(Patient.objects.filter(user=account))
    others = [row for row in own if row.pk not in files and not is_same_person(row, patient)]
    if invitation.guardian_id is None:
        if Guardian.objects.filter(patient__in=files, user=account).exists():
            return OTHER_SIDE
        return OTHER_PERSON if others else None
    if len(others) < len(own):
        return OTHER_SIDE
    return ALREADY if Guardian.objects.filter(patient=patient, user=account).exists() else None


def _files_of(patient: Patient) -> set[UUID]:
    """The files that the office holds to be of one person with this one, and this one."""
    if patient.linked_to_id is None:
        return {patient.pk}
    return {patient.pk, *Patient.objects.filter(linked_to=patient.linked_to_id).values_list("pk", flat=True)}


def is_same_person(one: Patient, other: Patient) -> bool:
    """Whether two files say the same name and birth date."""
    keys = [name_key(row.given_name, row.family_name) for row in (one, other)]
    return one.born_on == other.born_on and keys[0] == keys[1] != ""


def address_refusals(
    *, prescriber: UUID, given_name: str, email: str, guardian_email: str, besides: UUID | None = None
) -> Iterator[tuple[int, Refusal]]:
    """Why these addresses would open no account in the end, as far as the practice knows by its own patients.

    Of patients of other practices it learns nothing here: whoever reads the mail at that address does, by the link.
    """
    if email and email.lower() == guardian_email.lower():
        yield 0, Refusal("guardian_email", "guardians-own-address")
    known = Patient.objects.filter(prescriber=prescriber, email=email.lower()).exclude(pk=besides or UUID(int=0))
    rows = known if email else known.none()
    if any(not given_names_agree(row.given_name, given_name) for row in rows):
        yield 0, Refusal("email", "address-of-another-patient")


def guardian_refusals(patient: UUID, email: str) -> Iterator[tuple[int, Refusal]]:
    """Why a guardian who is named, or corrected, could open nothing by this address: it is the patient's own."""
    if email and Patient.objects.filter(pk=patient, email=email.lower()).exists():
        yield 0, Refusal("email", "guardians-own-address")


def correction_refusals(patient: Patient, email: str) -> Iterator[tuple[int, Refusal]]:
    """The same, of another address that the practice enters for a patient of theirs."""
    if Guardian.objects.filter(patient=patient, email=email.lower()).exists():
        yield 0, Refusal("email", "guardians-own-address")
    yield from address_refusals(
        prescriber=patient.prescriber_id, given_name=patient.given_name, email=email, guardian_email="",
        besides=patient.pk,
    )  # fmt: skip
