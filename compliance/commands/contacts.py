"""Correct a patient's name, e-mail address, telephone number and language.

Each correction is a record with a reason; the text before stays in the log. A new address opens nothing until a link
that was sent to it has been opened: by an invitation, or, where there is an account, as `address_change` does it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from accounts.languages import LISTED, UNKNOWN
from accounts.models import User
from accounts.roles import PATIENT
from compliance.records.columns import patient_columns
from compliance.records.file import File
from compliance.rules.records import ContactCorrected, Enrolled, Invited, Record, TextsErased
from compliance.rules.refusals import Refusal
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.idempotency import Request
from ledger.models import ErasableText
from patients.language import language_of
from patients.models import Guardian, Invitation, Patient

from . import address_change, identity
from .decide import NOT_THEIRS, Outcome
from .entries import Then, raise_refusals, refusals_of, refused_as
from .invitations import new_invitation, save_invitation
from .joining import correction_refusals
from .permissions import MAY_ENTER, may_enter

#: What a patient corrects without the practice, which knows who they are.
OWN = frozenset({"email", "phone", "language"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What came of a correction."""

    #: Whether a link was sent to the new address, which counts once its owner has opened it.
    waits: bool = False


def correct_patient(
    *, patient: UUID, contact: Mapping[str, str], reason: str, by: Actor, at: datetime, key: UUID
) -> Corrected:
    """Correct the patient's `given_name`, `family_name`, `email`, `phone` or `language`: those in `contact`.

    The file is searched for as at an enrolment: where it may now be of a person who has another one, the office sees
    both. Without an account yet, a new address ends the open invitation, and another one goes to it. With one, a link
    goes to the new address; nothing is recorded of it before that was opened. A language is the account's too.
    An address by which an account signs in is taken away by its owner, or once two officers have recovered the account.
    Raises EntryRefused, NotPermitted, KeyReused.
    """
    body = {"patient": str(patient), "contact": dict(contact), "reason": reason}
    request = Request(action="correct-contact", by=by, at=at, key=key, body=body)
    work = _CorrectingPatient(request, patient, contact, reason)
    answer = identity.decide_alone(request, patient, work)
    raise_refusals(answer)
    return Corrected(waits=answer["waits"])


@dataclass(frozen=True, slots=True)
class _CorrectingPatient:
    """The correction as it runs under the locks."""

    request: Request
    patient: UUID
    contact: Mapping[str, str]
    reason: str

    def __call__(self, file: File, now: datetime) -> Outcome:
        row = Patient.objects.get(pk=self.patient)
        contact = changes(self.contact, row)
        account = patient_columns(file.entries).get("user_id", row.user_id)
        new_email = contact.get("email")
        waits = account is not None and bool(new_email)
        if waits:
            del contact["email"]
        texts = sealed_texts(contact | {"reason": self.reason}, self.patient, now)
        records = _records(texts, contact, waits=waits)
        invitation = None
        if new_email and account is None:
            invitation = new_invitation(self.patient, None, now, self.request.key)
            records.append(Invited(str(invitation.id)))
        # Also where nothing is recorded yet, because all that is new is an address that waits.
        if not self._is_permitted():
            return NOT_THEIRS
        refused = refused_outcome(file, records, self.request.by, now)
        if refused is not None:
            return refused
        if (unlisted := language_refusals(contact)) is not None:
            return unlisted
        if new_email and self.request.by.role != PATIENT and (found := list(correction_refusals(row, new_email))):
            return refused_as(found)
        if not new_email and "email" in contact and address_change.is_kept(account):
            return refused_as([(0, Refusal("email", "address-of-the-account"))])
        waiting = new_email if waits else None
        common = partial(
            follow, row=row, contact=contact, account=account, waiting=waiting, invitation=invitation,
            request=self.request, now=now,
        )  # fmt: skip
        then = partial(self._after, common, contact, account, now)
        if not records:
            then([])
        return Outcome(records=tuple(records), texts=tuple(texts.values()), answer={"waits": waits}, then=then)

    def _is_permitted(self) -> bool:
        by = self.request.by
        return by.role in MAY_ENTER["contact_corrected"] and (by.role != PATIENT or self.contact.keys() <= OWN)

    def _after(
        self, common: Then, contact: Mapping[str, str], account: UUID | None, now: datetime, numbers: list[int]
    ) -> None:
        common(numbers)
        if account is not None and {"given_name", "family_name"} & contact.keys():
            name = Patient.objects.get(pk=self.patient).name
            address_change.rename_account(account, name, by=self.request.by, at=now, key=self.request.key)
        # A language says nothing of who somebody is.
        if contact.keys() - {"language"}:
            identity.show_office(self.patient, now)


def follow(
    _numbers: list[int], *, row: Patient | Guardian, contact: Mapping[str, str], account: UUID | None,
    waiting: str | None, invitation: Invitation | None, request: Request, now: datetime,
) -> None:  # fmt: skip
    """What follows from a correction of a patient or a guardian; `row` is as it was before, `waiting` the address."""
    if "email" in contact:
        patient, guardian = (row.patient_id, row.pk) if isinstance(row, Guardian) else (row.pk, None)
        revoke(patient, guardian, now)
        address_change.tell_old(row.email, at=now)
        if account is not None:
            address_change.take_away(account, by=request.by, at=now, key=request.key)
    if invitation is not None:
        save_invitation(invitation, now)
    if account is not None and waiting:
        address_change.send_link(User.objects.get(pk=account), waiting, at=now)
    if account is not None and "language" in contact:
        address_change.set_language(account, contact["language"], by=request.by, at=now, key=request.key)


def tidy(contact: Mapping[str, str]) -> dict[str, str]:
    """As the columns keep it."""
    return {name: text.strip().lower() if name == "email" else text.strip() for name, text in contact.items()}


def changes(contact: Mapping[str, str], row: Patient | Guardian) -> dict[str, str]:
    """What of it is not as the row has it; a language, as it counts."""
    known = {name: language_of(row) if name == "language" else getattr(row, name) for name in contact}
    return {name: text for name, text in tidy(contact).items() if text != known[name]}


def language_refusals(contact: Mapping[str, str]) -> Outcome | None:
    """The refusal of a language that there is not; None for every other."""
    if contact.get("language", UNKNOWN) in LISTED:
        return None
    return refused_as([(0, Refusal("language", "not-listed"))])


def sealed_texts(named: Mapping[str, str], subject: UUID, at: datetime) -> dict[str, ErasableText]:
    """Each text as one that can be erased, not saved yet."""
    return {name: make_erasable(text, subject=subject, at=at) for name, text in named.items()}


def _records(texts: Mapping[str, ErasableText], contact: Mapping[str, str], *, waits: bool) -> list[Record]:
    """Nothing is recorded where all that is new is an address that waits; that nothing is new, the rules say."""
    if not contact and waits:
        return []
    return [ContactCorrected({name: texts[name].digest for name in contact}, texts["reason"].digest)]


def refused_outcome(file: File, records: list[Record], by: Actor, at: datetime) -> Outcome | None:
    """Why these records are not entered by this role, or at all; None where they are.

    What two officers erased nobody writes anew, also who began before: not until a new course begins.
    """
    if not all(may_enter(by, record, signed=False) for record in records):
        return NOT_THEIRS
    if _is_erased(file):
        return refused_as([(0, Refusal("", "erased"))])
    refusals = refusals_of(file, records, at)
    return refused_as(refusals) if refusals else None


def _is_erased(file: File) -> bool:
    last = [entry.record for entry in file.entries if isinstance(entry.record, (TextsErased, Enrolled))][-1:]
    return any(isinstance(record, TextsErased) for record in last)


def revoke(patient: UUID, guardian: UUID | None, at: datetime) -> None:
    """The open invitation to the patient, or to that guardian, is accepted no more."""
    Invitation.objects.filter(patient=patient, guardian=guardian, accepted_at=None, revoked_at=None).update(
        revoked_at=at
    )
