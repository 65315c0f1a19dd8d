"""Prescribers and pharmacies apply, are approved, trained, suspended, reinstated: each a record in their own log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction

from accounts.roles import OFFICER, PHARMACIST, PRESCRIBER
from compliance.projection.file import PROGRAM
from compliance.rules import days
from compliance.rules.records import Attested, dump
from ledger import attempts, log
from ledger.actor import SYSTEM, Actor
from ledger.idempotency import KeyReused
from ledger.log import Draft
from ledger.models import Sealed
from patients.models import APPLIED, APPROVED, SUSPENDED

from . import papers
from .decide import NotPermitted
from .signing import Pair, Signature

Kind = Literal["prescriber", "pharmacy"]

#: How long a certification lasts, in days. After that it follows what is signed each year.
LASTS_DAYS = 365

#: So many days before its end it is asked for anew.
ASKED_AHEAD_DAYS = 28

_TABLES: Mapping[Kind, str] = {"prescriber": "patients_prescriber", "pharmacy": "patients_pharmacy"}


class WrongState(ValueError):
    """What was asked does not go with the state the applicant is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens to a prescriber or a pharmacy."""

    action: str
    roles: frozenset[str]
    before: frozenset[str]
    after: str


_STEPS: Mapping[str, Step] = {
    step.action: step
    for step in (
        Step(action="apply", roles=frozenset({PRESCRIBER, PHARMACIST}), before=frozenset({APPLIED}), after=APPLIED),
        Step(action="approve", roles=frozenset({OFFICER}), before=frozenset({APPLIED}), after=APPROVED),
        Step(action="renew", roles=frozenset({PRESCRIBER}), before=frozenset({APPROVED}), after=APPROVED),
        Step(action="train", roles=frozenset({PHARMACIST}), before=frozenset({APPROVED}), after=APPROVED),
        Step(action="suspend", roles=frozenset({OFFICER}), before=frozenset({APPROVED}), after=SUSPENDED),
        Step(action="reinstate", roles=frozenset({OFFICER}), before=frozenset({SUSPENDED}), after=APPROVED),
    )
}


#: What is signed by one who applies, by a prescriber each year, and by a pharmacy that was trained.
APPLICATION: tuple[Pair, ...] = (("applied", {}),)
RENEWAL: tuple[Pair, ...] = (("renewed", {}),)
TRAINING: tuple[Pair, ...] = (("trained", {}),)


def apply(*, kind: Kind, subject: UUID, signature: Signature, by: Actor, at: datetime, key: UUID) -> None:
    """A practice or pharmacy that was just registered attests and waits for the office."""
    _write("apply", kind, subject, _drafts(APPLICATION), by, at, key, signature=signature)


def approve(*, kind: Kind, subject: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The office approves an application; the certification begins today."""
    _write("approve", kind, subject, [Draft(kind="approved", data={}), _certified(at)], by, at, key)


def renew(*, subject: UUID, signature: Signature, by: Actor, at: datetime, key: UUID) -> None:
    """The prescriber attests anew, which certifies the practice for another year."""
    _write("renew", "prescriber", subject, [*_drafts(RENEWAL), _certified(at)], by, at, key, signature=signature)


def train(*, subject: UUID, signature: Signature, by: Actor, at: datetime, key: UUID) -> None:
    """The pharmacy attests its yearly training, which certifies it for another year."""
    _write("train", "pharmacy", subject, [*_drafts(TRAINING), _certified(at)], by, at, key, signature=signature)


def suspend(*, kind: Kind, subject: UUID, reason: Sealed, by: Actor, at: datetime, key: UUID) -> None:
    """The office suspends the certification, from this instant on, until it is reinstated."""
    drafts = [Draft(kind="suspended", data={"sealed": {"reason": reason.digest}})]
    _write("suspend", kind, subject, drafts, by, at, key, [reason])


def reinstate(*, kind: Kind, subject: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The office gives back what was suspended."""
    _write("reinstate", kind, subject, [Draft(kind="reinstated", data={})], by, at, key)


def _certified(at: datetime) -> Draft:
    first = days.day(at, days.zone(PROGRAM.zone))
    return certified(first, days.plus(first, LASTS_DAYS - 1))


def certified(first: date, last: date) -> Draft:
    """The record of a certification from one day to another, both included."""
    return Draft(kind="certified", data={"first": first.isoformat(), "last": last.isoformat()})


def _write(
    action: str,
    kind: Kind,
    subject: UUID,
    drafts: list[Draft],
    by: Actor,
    at: datetime,
    key: UUID,
    sealed: list[Sealed] | None = None,
    signature: Signature | None = None,
) -> None:
    """Write to the subject's log under its lock. Raises NotPermitted, WrongState, KeyReused."""
    step = _STEPS[action]
    if by.role not in step.roles or (by.role != OFFICER and by != SYSTEM and by.acting_for != subject):
        raise NotPermitted
    if signature is not None and not signature.fits(_SIGNED[action], subject=subject, by=by, key=key):
        raise NotPermitted
    body_hash = attempts.body_hash({"action": action, "body": _asked(kind, subject, sealed or [], signature)})
    with transaction.atomic():
        state = lock(kind, subject)
        earlier = attempts.find(by.account, key)
        if earlier is not None:
            if earlier.body_hash != body_hash:
                raise KeyReused
            return
        if state not in step.before:
            raise WrongState(action)
        numbers = _append(kind, subject, drafts, by, at, key, sealed or [], signature)
        _set_state(kind, subject, step.after, at)
        if signature is not None:
            papers.order(kind, subject, numbers[-1], at=at)
        attempts.add(
            actor=by.account, key=key, action=action, subject=subject, at=at, body_hash=body_hash, codes=[],
            answer={"records": numbers}, records=numbers, request_id=key,
        )  # fmt: skip


_SIGNED: Mapping[str, tuple[Pair, ...]] = {"apply": APPLICATION, "renew": RENEWAL, "train": TRAINING}


def _asked(kind: Kind, subject: UUID, sealed: Sequence[Sealed], signature: Signature | None) -> dict[str, Any]:
    """What was asked for, the same each time the request is sent again: texts, and not their salted digests."""
    body: dict[str, Any] = {"kind": kind, "subject": str(subject), "texts": [text.text for text in sealed]}
    return body | ({"signed": signature.asked()} if signature is not None else {})


def _drafts(records: tuple[Pair, ...]) -> list[Draft]:
    return [Draft(kind=kind, data=data) for kind, data in records]


def _append(
    kind: Kind,
    subject: UUID,
    drafts: list[Draft],
    by: Actor,
    at: datetime,
    key: UUID,
    sealed: list[Sealed],
    signature: Signature | None,
) -> list[int]:
    head = log.head_of(log.read(subject))
    now = max(at, head.at) if head.at else at
    if signature is not None:
        # What is signed stands first among the drafts.
        covers = range(head.number + 1, head.number + 1 + len(signature.statement.records))
        drafts = [*drafts, Draft(kind=Attested.kind, data=dump(signature.record(covers, now)))]
        sealed = [*sealed, signature.statement.name]
    for text in sealed:
        text.subject, text.at = subject, now
    if sealed:
        Sealed.objects.bulk_create(sealed)
    return [row.number for row in log.append(kind, subject, drafts, head=head, by=by, at=now, request_id=key)]


def note(kind: Kind, subject: UUID, draft: Draft, *, at: datetime, key: UUID, by: Actor = SYSTEM) -> None:
    """Write to the subject's log what leaves its state as it is."""
    with transaction.atomic():
        lock(kind, subject)
        _append(kind, subject, [draft], by, at, key, [], None)


def lock(kind: Kind, subject: UUID) -> str:
    """Locks the prescriber's or pharmacy's row, to which others may go on pointing; its state."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state FROM {_TABLES[kind]} WHERE id = %s FOR NO KEY UPDATE", [subject])
        found = cursor.fetchone()
    if found is None:
        raise NotPermitted
    state: str = found[0]
    return state


def _set_state(kind: Kind, subject: UUID, state: str, at: datetime) -> None:
    """The state's column; and all patients it touches become due."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {_TABLES[kind]} SET state = %s WHERE id = %s", [state, subject])
        if kind == "prescriber":
            cursor.execute(_ALL_DUE, [subject, at])


_ALL_DUE = """
WITH touched AS (
    SELECT patient_id FROM compliance_standing
    WHERE patient_id IN (SELECT id FROM patients_patient WHERE prescriber_id = %s) ORDER BY patient_id FOR UPDATE
)
UPDATE compliance_standing SET next_due_at = %s WHERE patient_id IN (SELECT patient_id FROM touched)
"""
