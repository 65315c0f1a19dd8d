"""Access control of entries: which role may enter which kind of record, for which patients. The rules decide when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance.rules.care.questions import QuestionAsked
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
    "report_mistaken": frozenset({PATIENT}),
    "problem_reported": frozenset({PATIENT}),
    "test_booked": frozenset({PRESCRIBER, DESIGNEE, PATIENT}),
    "mood_answered": frozenset({PATIENT}),
    "side_effect_reported": frozenset({PATIENT}),
    "report_answered": frozenset({PRESCRIBER, DESIGNEE}),
    "question_asked": frozenset({PATIENT, GUARDIAN}),
    "question_answered": frozenset({PRESCRIBER, DESIGNEE}),
    "guide_opened": frozenset({PATIENT}),
    "prescribed": frozenset({PRESCRIBER}),
    "health_answered": frozenset({PRESCRIBER, DESIGNEE}),
    "health_reviewed": frozenset({PATIENT}),
    "laboratory_result": frozenset({PRESCRIBER, DESIGNEE}),
    "laboratory_planned": frozenset({PRESCRIBER, DESIGNEE}),
    "pregnancy_followed": frozenset({OFFICER}),
    "stop_cleared": frozenset({PRESCRIBER}),
    "discontinued": frozenset({PRESCRIBER}),
    "last_dose_corrected": frozenset({PRESCRIBER}),
    "entry_struck": frozenset({PRESCRIBER}),
    "birth_date_corrected": frozenset({PRESCRIBER}),
    "contact_corrected": frozenset({PRESCRIBER, DESIGNEE, PATIENT}),
    "guardian_named": frozenset({PRESCRIBER, DESIGNEE}),
    "guardian_corrected": frozenset({PRESCRIBER, DESIGNEE, GUARDIAN}),
    "guardian_ended": frozenset({PRESCRIBER, DESIGNEE}),
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

#: From which day on (UTC), of the kinds that were not always signed: older records of them have no signature.
SIGNED_SINCE: Mapping[str, date] = dict.fromkeys(
    ("category_changed", "birth_date_corrected", "home_testing_set"), date(2026, 11, 29)
)

#: What a practice or a pharmacy signs.
PRACTICES_SIGN = frozenset({"applied", "renewed", "trained"})

#: Who writes what is not entered: the commands that decide, register, link and transfer, and the program itself.
_WRITTEN_BESIDE: Mapping[str, frozenset[str]] = {
    "registered": frozenset({PRESCRIBER}),
    "attested": frozenset({PRESCRIBER, PATIENT, GUARDIAN}),
    "transferred": frozenset({PRESCRIBER}),
    "file_transferred": frozenset({PRESCRIBER}),
    "transfer_offered": frozenset({OFFICER, PATIENT}),
    "transfer_withdrawn": frozenset({OFFICER, PATIENT}),
    "transfer_declined": frozenset({PRESCRIBER}),
    "file_linked": frozenset({OFFICER}),
    "file_unlinked": frozenset({OFFICER}),
    "kept_apart": frozenset({OFFICER}),
    "authorized": frozenset({PHARMACIST}),
    "dispensed": frozenset({PHARMACIST}),
    "reversed": frozenset({PHARMACIST}),
}

#: What an officer writes as well, in the request that registers the patient: a held enrolment that is let through.
AT_REGISTRATION = frozenset({"registered", "guardian_named", "invited", "enrolled"})


def _patients_log() -> dict[str, frozenset[str]]:
    nobody: frozenset[str] = frozenset()
    kinds = {*MAY_ENTER, *_WRITTEN_BESIDE}
    writers = {kind: MAY_ENTER.get(kind, nobody) | _WRITTEN_BESIDE.get(kind, nobody) for kind in kinds}
    return writers | {kind: writers[kind] | {OFFICER} for kind in AT_REGISTRATION}


#: Who writes each kind of record at all, by the kind of subject. What is not here the program does not write, and
#: `verify_log` and `verify.py` of a bundle, which has a copy, report it. Accounts' logs: `accounts.events.WRITERS`.
WRITERS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "patient": _patients_log(),
    "prescriber": {
        "applied": frozenset({PRESCRIBER}),
        "approved": frozenset({OFFICER}),
        "turned_down": frozenset({OFFICER}),
        "register_checked": frozenset({OFFICER}),
        "certified": frozenset({OFFICER, PRESCRIBER}),
        "renewed": frozenset({PRESCRIBER}),
        "suspended": frozenset({OFFICER}),
        "reinstated": frozenset({OFFICER}),
        "case_opened": frozenset({OFFICER}),
        "case_step": frozenset({OFFICER}),
        "case_answered": frozenset({PRESCRIBER}),
        "contact_corrected": frozenset({PRESCRIBER, OFFICER}),
        "laboratory_scheduled": frozenset({PRESCRIBER}),
        "delegate_named": frozenset({PRESCRIBER}),
        "delegate_ended": frozenset({PRESCRIBER}),
        "attested": frozenset({PRESCRIBER}),
        "pdf_sealed": frozenset({SYSTEM.role}),
    },
    "pharmacy": {
        "applied": frozenset({PHARMACIST}),
        "approved": frozenset({OFFICER}),
        "turned_down": frozenset({OFFICER}),
        "register_checked": frozenset({OFFICER}),
        "certified": frozenset({OFFICER, PHARMACIST}),
        "contact_corrected": frozenset({PHARMACIST, OFFICER}),
        "trained": frozenset({PHARMACIST}),
        "suspended": frozenset({OFFICER}),
        "reinstated": frozenset({OFFICER}),
        "case_opened": frozenset({OFFICER}),
        "case_step": frozenset({OFFICER}),
        "case_answered": frozenset({PHARMACIST}),
        "attested": frozenset({PHARMACIST}),
        "pdf_sealed": frozenset({SYSTEM.role}),
    },
}


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
    if isinstance(record, (ConsentSigned, ConsentRefused, QuestionAsked)):
        return record.signer == by.role
    return True
