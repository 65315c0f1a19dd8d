"""Drafts: answers before a signature. A *no* stays a draft, and the prescriber gets a message about it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

import outbox
from accounts.events import is_open, still_open
from accounts.roles import GUARDIAN, PATIENT
from compliance.models import Draft
from compliance.records.file import read_file
from compliance.rules.consents import is_minor
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from outbox.models import Message
from patients.models import Guardian, Patient

from .decide import NotPermitted


def read(*, patient: UUID, account: UUID, what: str) -> dict[str, object]:
    """The answers so far; empty when there are none."""
    row = Draft.objects.filter(patient=patient, account=account, what=what).values_list("answers", flat=True).first()
    return dict(row or {})


def save(*, patient: UUID, what: str, answers: Mapping[str, object], by: Actor, at: datetime, key: UUID) -> None:
    """Keep these answers beside those before. The prescriber is told when a *no* comes in where there was none.

    A no that stands is told once, however often it is sent; one that was changed to yes and comes again, once more.
    Raises NotPermitted for anybody but the patient and the guardian of a minor, KeyReused.
    """
    if not is_answered_by(patient, by) or (by.role == GUARDIAN and not is_minor(read_file(patient, at).history(at))):
        raise NotPermitted
    body = {"patient": str(patient), "what": what, "answers": dict(answers)}
    request = Request(action="save-answers", by=by, at=at, key=key, body=body)
    once(request, partial(ensure_open, by), partial(_save, patient, what, answers, request), still=still_open(by))


def ensure_open(by: Actor) -> None:
    """The account of who answers is open, and stays so until the transaction ends. Raises NotPermitted."""
    if not is_open(by.account):
        raise NotPermitted


def is_answered_by(patient: UUID, by: Actor) -> bool:
    """Whether what this patient is asked is asked of that person: the patient, or a guardian of theirs."""
    if by.role == PATIENT:
        return Patient.objects.filter(pk=patient, user=by.account, user__is_active=True).exists()
    rows = Guardian.objects.filter(patient=patient, user=by.account, user__is_active=True)
    return by.role == GUARDIAN and rows.exists()


def _save(patient: UUID, what: str, answers: Mapping[str, object], request: Request, _locked: None) -> Result:
    keep(patient=patient, account=request.by.account, what=what, answers=answers, at=request.at)
    return Result(subject=patient)


def keep(
    *, patient: UUID, account: UUID, what: str, answers: Mapping[str, object], at: datetime, tells: bool = True
) -> None:
    """Keep answers, as `save` does, in the transaction of the request that brings them.

    `tells`: the prescriber is told of a *no* by this; False where the request tells of it by itself.
    """
    kept, _made = Draft.objects.select_for_update().get_or_create(
        patient_id=patient, account_id=account, what=what, defaults={"updated_at": at}
    )
    before, kept.answers, kept.updated_at = kept.answers, kept.answers | dict(answers), at
    kept.save(update_fields=["answers", "updated_at"])
    if tells and _holds_a_no(kept.answers) and not _holds_a_no(before):
        tell_prescriber(patient=patient, what=f"{account}:{what}:{at.isoformat()}", at=at)


def _holds_a_no(answers: Mapping[str, object]) -> bool:
    return any(answer is False for answer in answers.values())


def tell_prescriber(*, patient: UUID, what: str, at: datetime) -> None:
    """Enqueue the message that somebody answered no; `what` makes it one message for each no."""
    message = Message(key=f"declined:{patient}:{what}", kind="declined", subject=patient, data={}, due_at=at)
    outbox.enqueue([message], at=at)


def forget(*, patient: UUID, account: UUID, about: str) -> None:
    """The answers became a record; this person's drafts whose names begin so go."""
    Draft.objects.filter(patient=patient, account=account, what__startswith=about).delete()


def forget_after(patient: UUID, account: UUID, about: str, _numbers: list[int]) -> None:
    """As `forget`, once the records are written."""
    forget(patient=patient, account=account, about=about)


def declined(patient: UUID, among: Collection[str], *, accounts: Collection[UUID | None]) -> bool:
    """Whether one of these accounts answered *no* in one of these drafts, and has not signed since."""
    own = Draft.objects.filter(patient=patient, what__in=among, account__in=[one for one in accounts if one])
    rows = own.values_list("answers", flat=True)
    return any(_holds_a_no(answers) for answers in rows)
