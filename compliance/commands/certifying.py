"""Certification of prescribers and pharmacies: application, approval, training, recertification, suspension."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Literal
from uuid import UUID

from django.db import connection

import outbox
from accounts.events import is_open
from accounts.roles import OFFICER
from compliance.records import noncompliance
from compliance.records.programs import program_day, program_of
from compliance.rules import days
from compliance.rules.noncompliance import SUSPENDED as SUSPENDED_STEP
from compliance.rules.records import Attested, dump
from compliance.signatures import Pair, Signature
from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.idempotency import Request, Result, once
from ledger.log import NewRecord, Row
from ledger.models import ErasableText
from outbox.models import Message
from patients.models import APPLIED, APPROVED, DECLINED, SUSPENDED

from . import order, pdf_jobs
from .decide import NotPermitted
from .own_applications import is_own_application
from .permissions import WRITERS

Kind = Literal["prescriber", "pharmacy"]

#: How long a certification lasts, in days. After that it follows what is signed each year.
LASTS_DAYS = 365

#: So many days before its end it is asked for anew.
ASKED_AHEAD_DAYS = 28

_TABLES: Mapping[Kind, str] = {"prescriber": "patients_prescriber", "pharmacy": "patients_pharmacy"}


class OwnApplication(NotPermitted):
    """The officer registered it: another officer approves it."""


class WrongState(ValueError):
    """The applicant's state does not allow this step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One thing that happens to a prescriber or a pharmacy."""

    action: str
    roles: frozenset[str]
    before: frozenset[str]
    after: str


def _writers(kind: str) -> frozenset[str]:
    """The roles that write records of this kind about practices or pharmacies."""
    return frozenset().union(*(WRITERS[subject].get(kind, frozenset()) for subject in _TABLES))


_TRANSITIONS: Mapping[str, Transition] = {
    step.action: step
    for step in (
        Transition(action="apply", roles=_writers("applied"), before=frozenset({APPLIED}), after=APPLIED),
        Transition(action="apply-again", roles=_writers("applied"), before=frozenset({DECLINED}), after=APPLIED),
        Transition(action="turn-down", roles=_writers("turned_down"), before=frozenset({APPLIED}), after=DECLINED),
        Transition(action="approve", roles=_writers("approved"), before=frozenset({APPLIED}), after=APPROVED),
        Transition(action="renew", roles=_writers("renewed"), before=frozenset({APPROVED}), after=APPROVED),
        Transition(action="train", roles=_writers("trained"), before=frozenset({APPROVED}), after=APPROVED),
        Transition(action="suspend", roles=_writers("suspended"), before=frozenset({APPROVED}), after=SUSPENDED),
        Transition(action="reinstate", roles=_writers("reinstated"), before=frozenset({SUSPENDED}), after=APPROVED),
    )
}


#: The steps by the kind of the record that each of them writes.
STEPS: Mapping[str, Transition] = {
    kind: _TRANSITIONS[action]
    for action, kind in (
        ("turn-down", "turned_down"),
        ("approve", "approved"),
        ("renew", "renewed"),
        ("train", "trained"),
        ("suspend", "suspended"),
        ("reinstate", "reinstated"),
    )
} | {
    # Both ways of applying write it.
    "applied": replace(_TRANSITIONS["apply"], before=frozenset({APPLIED, DECLINED})),
}


#: What is signed by one who applies, by a prescriber each year, and by a pharmacy that was trained.
APPLICATION: tuple[Pair, ...] = (("applied", {}),)
RECERTIFICATION: tuple[Pair, ...] = (("renewed", {}),)
TRAINING: tuple[Pair, ...] = (("trained", {}),)


def apply(*, kind: Kind, subject: UUID, signature: Signature, by: Actor, at: datetime, key: UUID) -> list[int]:
    """A practice or pharmacy that was just registered attests and waits for the office; the numbers of the records.

    Part of the request that registers it, in whose transaction it is.
    """
    request = Request(action="apply", by=by, at=at, key=key, body={})
    step = _Writing(request, kind, subject, _drafts(APPLICATION), signature=signature)
    step.check()
    return list(step(lock(kind, subject)).records)


def apply_again(*, kind: Kind, subject: UUID, signature: Signature, by: Actor, at: datetime, key: UUID) -> None:
    """A practice or pharmacy that the office turned down attests once more, and waits for the office again."""
    request = _request("apply-again", kind, subject, by=by, at=at, key=key, signed=signature.request_body())
    _once(_Writing(request, kind, subject, _drafts(APPLICATION), signature=signature))


def turn_down(*, kind: Kind, subject: UUID, reason: ErasableText, by: Actor, at: datetime, key: UUID) -> None:
    """The office turns an application down; the applicant reads the reason, and can apply again."""
    drafts = [NewRecord(kind="turned_down", data={"sealed": {"reason": reason.digest}})]
    request = _request("turn-down", kind, subject, by=by, at=at, key=key, reason=reason.text)
    _once(_Writing(request, kind, subject, drafts, erasable=(reason,)))


def approve(*, kind: Kind, subject: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The office approves an application; the certification begins today. Raises OwnApplication."""
    if is_own_application(kind, subject, by.account):
        raise OwnApplication
    drafts = [NewRecord(kind="approved", data={})]
    _once(_Writing(_request("approve", kind, subject, by=by, at=at, key=key), kind, subject, drafts, certifies=True))


def recertify(*, subject: UUID, signature: Signature, by: Actor, at: datetime, key: UUID) -> None:
    """The prescriber attests anew, which certifies the practice for another year."""
    body = {"signed": signature.request_body()}
    request = _request("renew", "prescriber", subject, by=by, at=at, key=key, **body)
    drafts = _drafts(RECERTIFICATION)
    _once(_Writing(request, "prescriber", subject, drafts, certifies=True, signature=signature))


def complete_training(*, subject: UUID, signature: Signature, by: Actor, at: datetime, key: UUID) -> None:
    """The pharmacy attests its yearly training, which certifies it for another year."""
    body = {"signed": signature.request_body()}
    request = _request("train", "pharmacy", subject, by=by, at=at, key=key, **body)
    _once(_Writing(request, "pharmacy", subject, _drafts(TRAINING), certifies=True, signature=signature))


def suspend(
    *, kind: Kind, subject: UUID, reason: ErasableText, by: Actor, at: datetime, key: UUID, case: int | None = None
) -> None:  # fmt: skip
    """The office suspends the certification, from this instant on, until it is reinstated.

    `case` is the number of the case of non-compliance of which it is a step, if it is one.
    """
    of_case = {"case": case} if case is not None else {}
    drafts = [NewRecord(kind="suspended", data={"sealed": {"reason": reason.digest}} | of_case)]
    request = _request("suspend", kind, subject, by=by, at=at, key=key, reason=reason.text, **of_case)
    _once(_Writing(request, kind, subject, drafts, erasable=(reason,), case=case))


def reinstate(*, kind: Kind, subject: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The office gives back what was suspended."""
    drafts = [NewRecord(kind="reinstated", data={})]
    _once(_Writing(_request("reinstate", kind, subject, by=by, at=at, key=key), kind, subject, drafts))


def _request(
    action: str, kind: Kind, subject: UUID, *, by: Actor, at: datetime, key: UUID, **request: object
) -> Request:  # fmt: skip
    """The request. What is asked is the same each time it is sent: texts, and not their salted digests."""
    body = {"kind": kind, "subject": str(subject)} | request
    return Request(action=action, by=by, at=at, key=key, body=body)


def _certified_from(at: datetime, program: str) -> NewRecord:
    first = program_day(at, program_of(program))
    return certification_record(first, days.plus(first, LASTS_DAYS - 1), program)


def certification_record(first: date, last: date, program: str) -> NewRecord:
    """The record of a certification for a program, from one day to another, both included."""
    data = {"first": first.isoformat(), "last": last.isoformat(), "program": program}
    return NewRecord(kind="certified", data=data)


@dataclass(frozen=True, slots=True)
class Applicant:
    """A practice or a pharmacy as its locked row says."""

    state: str
    program: str


@dataclass(frozen=True, slots=True)
class _Writing:
    """One step in the log of a practice or a pharmacy, as it runs under the lock of its row."""

    request: Request
    kind: Kind
    subject: UUID
    drafts: Sequence[NewRecord]
    erasable: Sequence[ErasableText] = ()
    signature: Signature | None = None
    #: Whether a certification begins with it.
    certifies: bool = False
    #: The case of non-compliance of which it is a step.
    case: int | None = None

    def check(self) -> None:
        """Whether this person may, and signs just this. Raises NotPermitted."""
        by, action = self.request.by, self.request.action
        if by.role not in _TRANSITIONS[action].roles:
            raise NotPermitted
        if by.role != OFFICER and by != SYSTEM and by.acting_for != self.subject:
            raise NotPermitted
        signature = self.signature
        if signature is not None and not signature.fits(
            _SIGNED[action], subject=self.subject, by=by, key=self.request.key
        ):
            raise NotPermitted

    def __call__(self, applicant: Applicant) -> Result:
        """Write it, where the applicant is in a state that goes with it."""
        step, request = _TRANSITIONS[self.request.action], self.request
        if applicant.state not in step.before:
            return Result(codes=("wrong-state",), subject=self.subject)
        if self.case is not None and not self._goes_with_case():
            return Result(codes=("wrong-state",), subject=self.subject)
        at = request.follow(order.latest(self.kind, self.subject, request.at))
        numbers = self._append(applicant.program)
        _set_state(self.kind, self.subject, step.after, at)
        if self.signature is not None:
            pdf_jobs.enqueue(self.kind, self.subject, numbers[-1], at=at)
        if request.action in _TOLD:
            tell(_TOLD[request.action], self.kind, self.subject, numbers[0], at)
        if self.case is not None:
            noncompliance.project(self.subject, log.read(self.subject), self.case)
            tell(CASE_LETTER, self.kind, self.subject, numbers[0], at)
        return Result(subject=self.subject, records=numbers)

    def _goes_with_case(self) -> bool:
        case = noncompliance.cases_of(log.read(self.subject)).get(self.case or 0)
        return case is not None and case.may(SUSPENDED_STEP, program_day(self.request.at))

    def _append(self, program: str) -> list[int]:
        head = log.head_of(log.read(self.subject))
        now = max(self.request.at, head.at) if head.at else self.request.at
        drafts, erasable = list(self.drafts), list(self.erasable)
        if self.certifies:
            drafts.append(_certified_from(self.request.at, program))
        if self.signature is not None:
            # What is signed stands first among the drafts.
            covers = range(head.number + 1, head.number + 1 + len(self.signature.statement.records))
            drafts.append(
                NewRecord(kind=Attested.kind, data=dump(self.signature.record(covers, now, program_of(program))))
            )
            erasable.append(self.signature.statement.name)
        for text in erasable:
            text.subject, text.at = self.subject, now
        if erasable:
            ErasableText.objects.bulk_create(erasable)
        by, key = self.request.by, self.request.key
        written = log.append(self.kind, self.subject, drafts, head=head, by=by, at=now, request_id=key)
        return [row.number for row in written]


def _once(writing: _Writing) -> None:
    """Write to the subject's log under its lock. Raises NotPermitted, WrongState, KeyReused."""
    writing.check()
    answer = once(writing.request, partial(lock, writing.kind, writing.subject, by=writing.request.by), writing)
    if answer["codes"]:
        raise WrongState(writing.request.action)


_SIGNED: Mapping[str, tuple[Pair, ...]] = {
    "apply": APPLICATION, "apply-again": APPLICATION, "renew": RECERTIFICATION, "train": TRAINING,
}  # fmt: skip


def _drafts(records: tuple[Pair, ...]) -> list[NewRecord]:
    return [NewRecord(kind=kind, data=data) for kind, data in records]


def reinstate_within(request: Request, kind: Kind, subject: UUID, case: int) -> None:
    """Give back what was suspended, as a part of another request, which holds the lock of `lock`."""
    at = request.follow(order.latest(kind, subject, request.at))
    append_beside(kind, subject, NewRecord("reinstated", {"case": case}), request)
    _set_state(kind, subject, APPROVED, at)


def append_beside(kind: Kind, subject: UUID, draft: NewRecord, request: Request) -> Row:
    """Write to the subject's log, under its lock, what leaves its state as it is; the record as it stands there."""
    head = log.head_of(log.read(subject))
    at = max(request.at, head.at) if head.at else request.at
    (written,) = log.append(kind, subject, [draft], head=head, by=request.by, at=at, request_id=request.key)
    return written


def lock(kind: Kind, subject: UUID, *, by: Actor | None = None) -> Applicant:
    """Locks the prescriber's or pharmacy's row, to which others may go on pointing; what it says.

    Raises NotPermitted where there is none, and where the account of `by` is closed.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state, program FROM {_TABLES[kind]} WHERE id = %s FOR NO KEY UPDATE", [subject])
        row = cursor.fetchone()
    if row is None or (by is not None and not is_open(by.account)):
        raise NotPermitted
    return Applicant(*row)


#: What the applicant hears of, by the message's kind.
_TOLD: Mapping[str, str] = {"approve": "application-approved", "turn-down": "application-turned-down"}


#: The office has written to a practice or a pharmacy about a case of non-compliance.
CASE_LETTER = "case-letter"


def tell(message: str, kind: Kind, subject: UUID, number: int, at: datetime) -> None:
    """Enqueue a message to a practice or a pharmacy, once for a record of its log."""
    data = {"side": kind, "place": str(subject)}
    key = f"{message}:{subject}:{number}"
    outbox.enqueue([Message(key=key, kind=message, subject=None, data=data, due_at=at)], at=at)


def _set_state(kind: Kind, subject: UUID, state: str, at: datetime) -> None:
    """The state's column; and all patients it touches become due."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {_TABLES[kind]} SET state = %s WHERE id = %s", [state, subject])
    if kind == "prescriber":
        mark_patients_due(subject, at)


def mark_patients_due(prescriber: UUID, at: datetime) -> None:
    """All statuses of the prescriber's patients become due, under the lock of the prescriber's row."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_PATIENTS_DUE, [prescriber, at])


_MARK_PATIENTS_DUE = """
WITH touched AS (
    SELECT patient_id FROM compliance_patientstatus
    WHERE patient_id IN (SELECT id FROM patients_patient WHERE prescriber_id = %s) ORDER BY patient_id FOR UPDATE
)
UPDATE compliance_patientstatus SET next_due_at = %s WHERE patient_id IN (SELECT patient_id FROM touched)
"""
