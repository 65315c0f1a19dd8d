"""Prescribers and pharmacies apply, are approved, trained, suspended, reinstated: each a record in their own log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction

from accounts.roles import OFFICER, PHARMACIST, PRESCRIBER
from compliance.projection.file import PROGRAM
from compliance.rules import days
from ledger import attempts, log
from ledger.actor import SYSTEM, Actor
from ledger.log import Draft
from ledger.models import Sealed

from .decide import KeyReused, NotPermitted

Kind = Literal["prescriber", "pharmacy"]

#: How long a certification lasts, in days. A pharmacy's follows its yearly training.
LASTS_DAYS = 365

_TABLES: Mapping[Kind, str] = {"prescriber": "patients_prescriber", "pharmacy": "patients_pharmacy"}

APPLIED, APPROVED, SUSPENDED = "applied", "approved", "suspended"


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
        Step(action="renew", roles=frozenset({OFFICER}), before=frozenset({APPROVED}), after=APPROVED),
        Step(action="train", roles=frozenset({PHARMACIST}), before=frozenset({APPROVED}), after=APPROVED),
        Step(action="suspend", roles=frozenset({OFFICER}), before=frozenset({APPROVED}), after=SUSPENDED),
        Step(action="reinstate", roles=frozenset({OFFICER}), before=frozenset({SUSPENDED}), after=APPROVED),
    )
}


def apply(
    *, kind: Kind, subject: UUID, attested: Mapping[str, Any], sealed: list[Sealed], by: Actor, at: datetime, key: UUID
) -> None:
    """A practice or pharmacy that was just registered attests and waits for the office.

    `attested` names the document, version, language, hash, answers and means, as a signature does.
    """
    drafts = [Draft(kind="applied", data={}), Draft(kind="attested", data=dict(attested))]
    _write("apply", kind, subject, drafts, by, at, key, sealed)


def approve(*, kind: Kind, subject: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The office approves an application; the certification begins today."""
    _write("approve", kind, subject, [Draft(kind="approved", data={}), _certified(at)], by, at, key)


def renew(*, kind: Kind, subject: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The office renews a certification from today."""
    _write("renew", kind, subject, [_certified(at)], by, at, key)


def train(
    *, subject: UUID, attested: Mapping[str, Any], sealed: list[Sealed], by: Actor, at: datetime, key: UUID
) -> None:
    """The pharmacy attests its yearly training, which certifies it for another year."""
    drafts = [Draft(kind="trained", data=dict(attested)), _certified(at)]
    _write("train", "pharmacy", subject, drafts, by, at, key, sealed)


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
) -> None:
    """Write to the subject's log under its lock. Raises NotPermitted, WrongState, KeyReused."""
    step = _STEPS[action]
    if by.role not in step.roles or (by.role != OFFICER and by != SYSTEM and by.acting_for != subject):
        raise NotPermitted
    body_hash = attempts.body_hash({"action": action, "body": {"kind": kind, "subject": str(subject)}})
    with transaction.atomic():
        state = _lock(kind, subject)
        earlier = attempts.find(by.account, key)
        if earlier is not None:
            if earlier.body_hash != body_hash:
                raise KeyReused
            return
        if state not in step.before:
            raise WrongState(action)
        numbers = _append(kind, subject, drafts, by, at, key, sealed or [])
        _set_state(kind, subject, step.after, at)
        attempts.add(
            actor=by.account, key=key, action=action, subject=subject, at=at, body_hash=body_hash, codes=[],
            answer={"records": numbers}, records=numbers, request_id=key,
        )  # fmt: skip


def _append(
    kind: Kind, subject: UUID, drafts: list[Draft], by: Actor, at: datetime, key: UUID, sealed: list[Sealed]
) -> list[int]:
    head = log.head_of(log.read(subject))
    now = max(at, head.at) if head.at else at
    for text in sealed:
        text.subject, text.at = subject, now
    if sealed:
        Sealed.objects.bulk_create(sealed)
    return [row.number for row in log.append(kind, subject, drafts, head=head, by=by, at=now, request_id=key)]


def _lock(kind: Kind, subject: UUID) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state FROM {_TABLES[kind]} WHERE id = %s FOR UPDATE", [subject])
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
            cursor.execute(
                """UPDATE compliance_standing SET next_due_at = %s
                   WHERE patient_id IN (SELECT id FROM patients_patient WHERE prescriber_id = %s)""",
                [at, subject],
            )
