"""Offers that the prescriber does not make: the program office hands patients over, and a patient asks for another one.

Whoever is asked accepts or declines as any other offer (`transfers.py`). An offer that waits for somebody else is taken
back first: by the office any, by the patient their own, and one that nobody can accept.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from django.db.models import QuerySet

import outbox
from accounts.events import still_open
from accounts.roles import OFFICER, PATIENT
from compliance.records.file import File
from compliance.rules.history import History
from compliance.rules.records import Record, TransferOffered, TransferWithdrawn
from ledger import request_log
from ledger.actor import Actor
from ledger.idempotency import Request, Result, no_lock, once
from ledger.models import LogRecord
from outbox.models import Message

from .covering import last_offer
from .decide import Locked, Outcome, OwnFile, Work, by_id, decide
from .held_enrolments import is_certified


class NotOffered(ValueError):
    """The patient is not offered to that prescriber; the code says why."""

    @property
    def code(self) -> str:
        """`same-prescriber`, `not-certified` or `offer-open`; `no-offer` where there is none to take back."""
        return str(self.args[0])


def hand_over(*, of: UUID, patients: Collection[UUID], to: UUID, by: Actor, at: datetime, key: UUID) -> dict[str, int]:
    """The program office offers these patients of one prescriber to another; how many were `offered`, and `left`.

    One after the other, each under the lock on the patient alone. Left out is who has another prescriber by now, and
    whose patient or guardian the other one is. Each of the two prescribers is told once.
    Raises NotOffered, NotPermitted, KeyReused.
    """
    body = {"of": str(of), "patients": sorted(map(str, patients)), "to": str(to)}
    request = Request(action="hand-over-patients", by=by, at=at, key=key, body=body)
    left: set[UUID] = set()
    if request_log.find(by.account, key) is None:
        left = {patient for patient in sorted(patients) if not _offered(request, of, patient, to)}
    done = Result(answer={"offered": len(patients) - len(left), "left": len(left)})
    answer = once(request, no_lock, lambda _none: done, still=still_open(by))
    return {"offered": answer["offered"], "left": answer["left"]}


def _offered(whole: Request, of: UUID, patient: UUID, to: UUID) -> bool:
    """Whether this one of many is offered. Raises NotOffered for what is so for all of them."""
    body = {"of": str(of), "patient": str(patient), "to": str(to)}
    key = uuid5(whole.key, str(patient))
    request = Request(action="hand-over-patient", by=whole.by, at=whole.at, key=key, body=body)
    try:
        _carry_out(request, patient, _Offering(request, to, whole.key, of), OFFICER)
    except OwnFile:
        return False
    except NotOffered as refused:
        if refused.code != "moved":
            raise
        return False
    return True


def ask(*, patient: UUID, to: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The patient asks for another prescriber. Raises NotOffered, NotPermitted, KeyReused."""
    request = Request(action="ask-prescriber", by=by, at=at, key=key, body={"patient": str(patient), "to": str(to)})
    _carry_out(request, patient, _Offering(request, to, key), PATIENT)


def take_request_back(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The patient asks for nobody any more. Raises NotOffered, NotPermitted, KeyReused."""
    request = Request(action="take-request-back", by=by, at=at, key=key, body={"patient": str(patient)})
    _carry_out(request, patient, _withdraw_own, PATIENT)


def _carry_out(request: Request, patient: UUID, work: Work, role: str) -> None:
    codes = decide(request, by_id(patient), work, relation=partial(_may, patient, role))["codes"]
    if codes:
        raise NotOffered(*codes)


def _may(patient: UUID, role: str, by: Actor, locked: Locked) -> bool:
    """Whether an officer asks, or the patient whose file it is."""
    own = by.acting_for == patient and by.account == locked.relations.account
    return by.role == role and (role == OFFICER or own)


@dataclass(frozen=True, slots=True)
class _Offering:
    """An offer, as it runs under the patient's lock."""

    request: Request
    to: UUID
    #: Of all that is offered in one batch each prescriber is told once.
    batch: UUID
    #: Whose patients are handed over.
    of: UUID | None = None

    def __call__(self, file: File, now: datetime) -> Outcome:
        history, to = file.history(now), str(self.to)
        if self.of is not None and history.holder != str(self.of):
            return Outcome(codes=("moved",))
        if to == history.holder:
            return Outcome(codes=("same-prescriber",))
        if not is_certified(self.to, file.program, now):
            return Outcome(codes=("not-certified",))
        if history.offered_to == to:
            return Outcome()
        records: list[Record] = [TransferOffered(to)]
        if history.offered_to is not None:
            if not self._may_replace(file, history, now):
                return Outcome(codes=("offer-open",))
            records.insert(0, TransferWithdrawn())
        owner = UUID(str(history.holder))
        return Outcome(records=tuple(records), then=partial(self._tell, owner, now))

    def _may_replace(self, file: File, history: History, now: datetime) -> bool:
        by, offered = last_offer(history), UUID(str(history.offered_to))
        if self.request.by.role == OFFICER or (by is not None and by.role == PATIENT):
            return True
        return not is_certified(offered, file.program, now)

    def _tell(self, owner: UUID, now: datetime, _numbers: list[int]) -> None:
        tell_offered(self.to, self.batch, now)
        if self.request.by.role == OFFICER:
            tell_prescriber("offered-by-office", owner, self.batch, now)


def offer_records(patients: Iterable[UUID]) -> QuerySet[LogRecord]:
    """The latest offer of each of these patients, as it stands in the log. One query."""
    rows = LogRecord.objects.filter(subject__in=list(patients), kind=TransferOffered.kind)
    return rows.order_by("subject", "-number").distinct("subject")


def is_own_request(history: History) -> bool:
    """Whether the patient asked for the one to whom they are offered now."""
    by = last_offer(history)
    return history.offered_to is not None and by is not None and by.role == PATIENT


def _withdraw_own(file: File, now: datetime) -> Outcome:
    own = is_own_request(file.history(now))
    return Outcome(records=(TransferWithdrawn(),)) if own else Outcome(codes=("no-offer",))


def tell_offered(to: UUID, batch: UUID, at: datetime) -> None:
    """Tell the prescriber to whom somebody is offered, once for all that are offered together."""
    tell_prescriber("offered-to-you", to, batch, at)


def tell_prescriber(kind: str, prescriber: UUID, batch: UUID, at: datetime) -> None:
    """One message to a prescriber about a batch."""
    message = Message(
        key=f"{kind}:{prescriber}:{batch}", kind=kind, subject=None, data={"prescriber": str(prescriber)}, due_at=at
    )
    outbox.enqueue([message], at=at)
