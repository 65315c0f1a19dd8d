"""Access control of entries: which role may enter which kind of record, for which patients. The rules decide when."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance.rules.records import ConsentRefused, ConsentSigned, ContraceptionDeclared, Record
from ledger.actor import SYSTEM, Actor

#: Who may enter each kind of record. What is not here nobody enters.
MAY_ENTER: Mapping[str, frozenset[str]] = {
    "enrolled": frozenset({PRESCRIBER}),
    "category_changed": frozenset({PRESCRIBER}),
    "consent_signed": frozenset({PATIENT, GUARDIAN}),
    "pdf_sealed": frozenset({SYSTEM.role}),
    "consent_refused": frozenset({PATIENT, GUARDIAN}),
    "consent_withdrawn": frozenset({PATIENT, GUARDIAN}),
    "counselled": frozenset({PRESCRIBER, DESIGNEE}),
    "contraception_declared": frozenset({PRESCRIBER, PATIENT}),
    "home_testing_set": frozenset({PRESCRIBER}),
    "pregnancy_test": frozenset({PRESCRIBER, DESIGNEE}),
    "transferred": frozenset({OFFICER}),
    "transfer_offered": frozenset({PRESCRIBER}),
    "transfer_withdrawn": frozenset({PRESCRIBER}),
    "comprehension_passed": frozenset({PATIENT}),
    "pregnancy_reported": frozenset({PRESCRIBER, DESIGNEE, PATIENT, OFFICER}),
    "stop_cleared": frozenset({PRESCRIBER}),
    "discontinued": frozenset({PRESCRIBER}),
    "last_dose_corrected": frozenset({PRESCRIBER}),
    "entry_struck": frozenset({PRESCRIBER}),
    "birth_date_corrected": frozenset({PRESCRIBER}),
    "guardian_named": frozenset({PRESCRIBER, DESIGNEE}),
    "invited": frozenset({PRESCRIBER, DESIGNEE}),
    "invitation_accepted": frozenset({PATIENT, GUARDIAN}),
    "erasure_asked": frozenset({OFFICER}),
    "texts_erased": frozenset({OFFICER}),
}

#: What attests, or takes a patient out of tests: nobody enters it without a signature, so that a stolen session cannot.
MUST_BE_SIGNED = frozenset({
    "consent_signed", "contraception_declared", "stop_cleared", "entry_struck", "category_changed",
    "birth_date_corrected", "home_testing_set",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relations:
    """The accounts related to a patient: the prescriber's and the delegates', the patient's, the guardians'."""

    prescriber: UUID | None
    account: UUID | None
    guardians: frozenset[UUID] = frozenset()
    #: The accounts of the prescriber and of the delegates.
    prescribers: frozenset[UUID] = frozenset()


def related(by: Actor, patient: UUID, relations: Relations) -> bool:
    """Whether the patient is this person's to write about."""
    if by.role in (PRESCRIBER, DESIGNEE):
        is_own = by.acting_for is not None and by.acting_for == relations.prescriber
        return is_own and (by.role == DESIGNEE or by.account in relations.prescribers)
    if by.role == PATIENT:
        return by.acting_for == patient and by.account == relations.account
    if by.role == GUARDIAN:
        return by.account in relations.guardians
    return by.role in (OFFICER, PHARMACIST) or by == SYSTEM


def may_enter(by: Actor, record: Record, *, signed: bool) -> bool:
    """Whether the role enters records of this kind, signed where they attest, and for itself where it says who."""
    if by.role not in MAY_ENTER.get(record.kind, frozenset()):
        return False
    if record.kind in MUST_BE_SIGNED and not signed:
        return False
    if isinstance(record, ContraceptionDeclared):
        return record.by == by.role
    if isinstance(record, (ConsentSigned, ConsentRefused)):
        return record.signer == by.role
    return True
