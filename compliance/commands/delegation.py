"""Delegation: a prescriber acts for another. Each delegation and its end are records in the prescriber's own log."""

from datetime import datetime
from functools import partial
from uuid import UUID

from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from ledger.log import NewRecord
from patients.models import Delegate, Prescriber

from . import certifying, order
from .decide import NotPermitted


class NotDelegated(ValueError):
    """The delegate has this delegation already, or is the prescriber."""


def add_delegate(*, prescriber: Prescriber, delegate: Prescriber, by: Actor, at: datetime, key: UUID) -> Delegate:
    """From now on `delegate` sees this prescriber's patients and acts for them. Raises NotDelegated, KeyReused."""
    _check_owner(prescriber, by)
    body = {"prescriber": str(prescriber.pk), "delegate": str(delegate.pk)}
    request = Request(action="name-delegate", by=by, at=at, key=key, body=body)
    lock = partial(certifying.lock, "prescriber", prescriber.pk, by=by)
    answer = once(request, lock, partial(_name, prescriber, delegate, request))
    if answer["codes"]:
        raise NotDelegated
    return Delegate.objects.get(pk=answer["row"])


def _name(prescriber: Prescriber, delegate: Prescriber, request: Request, _state: str) -> Result:
    known = Delegate.objects.filter(prescriber=prescriber, delegate=delegate, ended_at=None)
    if prescriber == delegate or known.exists():
        return Result(codes=("not-delegated",), subject=prescriber.pk)
    draft = NewRecord(kind="delegate_named", data={"delegate": str(delegate.pk)})
    record = certifying.append_beside("prescriber", prescriber.pk, draft, request)
    row = Delegate.objects.create(prescriber=prescriber, delegate=delegate, named_at=record.at)
    return Result(subject=prescriber.pk, records=[record.number], answer={"row": str(row.pk)})


def end_delegation(*, row: Delegate, by: Actor, at: datetime, key: UUID) -> None:
    """From now on the delegate sees nothing of it any more; what was ended already stays as it was ended."""
    _check_owner(row.prescriber, by)
    request = Request(action="end-delegate", by=by, at=at, key=key, body={"row": str(row.pk)})
    lock = partial(certifying.lock, "prescriber", row.prescriber_id, by=by)
    once(request, lock, partial(_end, row, request))


def _end(row: Delegate, request: Request, _state: str) -> Result:
    """After all that the delegate has entered."""
    if not Delegate.objects.filter(pk=row.pk, ended_at=None).exists():
        return Result(subject=row.prescriber_id)
    request.follow(order.latest("account", row.delegate.user_id, request.at))
    draft = NewRecord(kind="delegate_ended", data={"delegate": str(row.delegate_id)})
    record = certifying.append_beside("prescriber", row.prescriber_id, draft, request)
    Delegate.objects.filter(pk=row.pk).update(ended_at=record.at)
    return Result(subject=row.prescriber_id, records=[record.number])


def _check_owner(prescriber: Prescriber, by: Actor) -> None:
    if by.account != prescriber.user_id:
        raise NotPermitted
