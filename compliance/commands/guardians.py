"""Name, correct and end the guardians of a minor, at any time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from accounts.roles import GUARDIAN
from compliance.records.columns import guardian_accounts
from compliance.records.file import File
from compliance.rules.consents import is_minor
from compliance.rules.records import GuardianCorrected, GuardianEnded, GuardianNamed, Invited, Record
from compliance.rules.refusals import Refusal
from ledger.actor import Actor
from ledger.idempotency import Request
from patients.models import Guardian, Invitation

from . import address_change
from .contacts import Corrected, changes, follow, language_refusals, refused_outcome, revoke, sealed_texts, tidy
from .decide import NOT_THEIRS, Outcome, by_id, decide
from .entries import raise_refusals, refused_as
from .invitations import new_invitation, save_invitation
from .joining import guardian_refusals
from .permissions import MAY_ENTER


def name_guardian(
    *, patient: UUID, name: str, email: str, by: Actor, at: datetime, key: UUID, instead_of: UUID | None = None,
    reason: str = "", language: str = "", phone: str = "",
) -> UUID:  # fmt: skip
    """Name a guardian of a minor, at any time, and invite them; `instead_of` ends the part of another.

    Without an e-mail address nothing is sent: a letter is printed (`letters`).

    Raises EntryRefused, NotPermitted, KeyReused.
    """
    body = {
        "patient": str(patient), "name": name, "email": email.lower(), "reason": reason,
        "instead_of": str(instead_of) if instead_of else None, "language": language,
        "phone": phone,
    }  # fmt: skip
    request = Request(action="name-guardian", by=by, at=at, key=key, body=body)
    work = _NamingGuardian(request, name.strip(), email.strip().lower(), instead_of, reason, language, phone.strip())
    answer = decide(request, by_id(patient), work)
    raise_refusals(answer)
    return UUID(answer["guardian"])


@dataclass(frozen=True, slots=True)
class _NamingGuardian:
    """The naming as it runs under the patient's lock."""

    request: Request
    name: str
    email: str
    instead_of: UUID | None
    reason: str
    language: str
    phone: str

    def __call__(self, file: File, now: datetime) -> Outcome:
        guardian = Guardian(
            id=uuid4(), patient_id=file.patient, name=self.name, email=self.email, language=self.language,
            phone=self.phone,
        )  # fmt: skip
        invitation = new_invitation(file.patient, guardian.id, now, self.request.key) if self.email else None
        typed = {"name": self.name, "email": self.email, "phone": self.phone, "language": self.language}
        named = {name: text for name, text in typed.items() if text}
        texts = sealed_texts(named, file.patient, now)
        sealed = {name: text.digest for name, text in texts.items()}
        records: list[Record] = []
        if self.instead_of is not None:
            texts |= sealed_texts({"reason": self.reason}, file.patient, now)
            records.append(GuardianEnded(str(self.instead_of), texts["reason"].digest))
        records.append(GuardianNamed(str(guardian.id), sealed))
        if invitation is not None:
            records.append(Invited(str(invitation.id), str(guardian.id)))
        refused = refused_outcome(file, records, self.request.by, now)
        refused = refused or language_refusals({"language": self.language})
        if refused is not None:
            return refused
        if found := list(guardian_refusals(file.patient, self.email)):
            return refused_as(found)
        answer, then = {"guardian": str(guardian.id)}, partial(self._after, guardian, invitation, now)
        return Outcome(records=tuple(records), texts=tuple(texts.values()), answer=answer, then=then)

    def _after(self, guardian: Guardian, invitation: Invitation | None, now: datetime, _numbers: list[int]) -> None:
        guardian.save(force_insert=True)
        if invitation is not None:
            save_invitation(invitation, now)
        if self.instead_of is not None:
            revoke(guardian.patient_id, self.instead_of, now)


def correct_guardian(
    *, patient: UUID, guardian: UUID, contact: Mapping[str, str], reason: str, by: Actor, at: datetime, key: UUID
) -> Corrected:
    """Correct a guardian's `name`, `email`, `phone` or `language`: those that `contact` has. As `correct_patient`.

    Raises EntryRefused, NotPermitted, KeyReused.
    """
    body = {"patient": str(patient), "guardian": str(guardian), "contact": dict(contact), "reason": reason}
    request = Request(action="correct-guardian", by=by, at=at, key=key, body=body)
    answer = decide(request, by_id(patient), _CorrectingGuardian(request, guardian, contact, reason))
    raise_refusals(answer)
    return Corrected(waits=answer["waits"])


@dataclass(frozen=True, slots=True)
class _CorrectingGuardian:
    """The correction as it runs under the patient's lock."""

    request: Request
    guardian: UUID
    contact: Mapping[str, str]
    reason: str

    def __call__(self, file: File, now: datetime) -> Outcome:
        row = Guardian.objects.filter(pk=self.guardian, patient=file.patient).first()
        contact = changes(self.contact, row) if row is not None else tidy(self.contact)
        known = row.user_id if row is not None else None
        account, new_email = guardian_accounts(file.entries).get(self.guardian, known), contact.get("email")
        waits = account is not None and bool(new_email)
        if waits:
            del contact["email"]
        texts = sealed_texts(contact | {"reason": self.reason}, file.patient, now)
        records: list[Record] = []
        if contact or not waits:
            sealed = {name: texts[name].digest for name in contact}
            records.append(GuardianCorrected(str(self.guardian), sealed, texts["reason"].digest))
        invitation = None
        if new_email and account is None and is_minor(file.history(now)):
            invitation = new_invitation(file.patient, self.guardian, now, self.request.key)
            records.append(Invited(str(invitation.id), str(self.guardian)))
        refused = refused_outcome(file, records, self.request.by, now)
        # Also where nothing is recorded yet, because all that is new is an address that waits.
        if refused is not None or row is None or not self._is_permitted(account):
            return refused or NOT_THEIRS
        if not new_email and "email" in contact and address_change.is_kept(account):
            return refused_as([(0, Refusal("email", "address-of-the-account"))])
        if (unlisted := language_refusals(contact)) is not None:
            return unlisted
        if found := list(guardian_refusals(file.patient, new_email or "")):
            return refused_as(found)
        then = partial(
            follow, row=row, contact=contact, account=account, waiting=new_email if waits else None,
            invitation=invitation, request=self.request, now=now,
        )  # fmt: skip
        if not records:
            then([])
        return Outcome(records=tuple(records), texts=tuple(texts.values()), answer={"waits": waits}, then=then)

    def _is_permitted(self, account: UUID | None) -> bool:
        """Whether the role corrects guardians; a guardian nobody but themselves."""
        by = self.request.by
        return by.role in MAY_ENTER["guardian_corrected"] and (by.role != GUARDIAN or by.account == account)


def end_guardian(*, patient: UUID, guardian: UUID, reason: str, by: Actor, at: datetime, key: UUID) -> None:
    """The guardian stands beside the patient no more, and sees nothing of theirs. What they signed stays signed.

    Raises EntryRefused, NotPermitted, KeyReused.
    """
    body = {"patient": str(patient), "guardian": str(guardian), "reason": reason}
    request = Request(action="end-guardian", by=by, at=at, key=key, body=body)
    answer = decide(request, by_id(patient), partial(_end_guardian, request, guardian, reason))
    raise_refusals(answer)


def _end_guardian(request: Request, guardian: UUID, reason: str, file: File, now: datetime) -> Outcome:
    texts = sealed_texts({"reason": reason}, file.patient, now)
    records: list[Record] = [GuardianEnded(str(guardian), texts["reason"].digest)]
    refused = refused_outcome(file, records, request.by, now)
    if refused is not None:
        return refused
    then = partial(_end_invitation, file.patient, guardian, now)
    return Outcome(records=tuple(records), texts=tuple(texts.values()), then=then)


def _end_invitation(patient: UUID, guardian: UUID, at: datetime, _numbers: list[int]) -> None:
    revoke(patient, guardian, at)
