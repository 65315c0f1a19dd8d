"""Delegates: prescribers who cover for another. Each naming and each end is a record in the prescriber's own log."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.actor import Actor
from ledger.log import Draft
from patients.models import Delegate, Prescriber

from . import certifying
from .decide import NotPermitted


class NotCovering(ValueError):
    """Who was named covers already, or is the prescriber."""


def name(*, prescriber: Prescriber, delegate: Prescriber, by: Actor, at: datetime, key: UUID) -> Delegate:
    """From now on `delegate` sees this prescriber's patients and acts for them. Raises NotCovering."""
    _own(prescriber, by)
    with transaction.atomic():
        certifying.lock("prescriber", prescriber.pk)
        known = Delegate.objects.filter(prescriber=prescriber, delegate=delegate, ended_at=None)
        if prescriber == delegate or known.exists():
            raise NotCovering
        draft = Draft(kind="delegate_named", data={"delegate": str(delegate.pk)})
        certifying.note("prescriber", prescriber.pk, draft, by=by, at=at, key=key)
        return Delegate.objects.create(prescriber=prescriber, delegate=delegate, named_at=at)


def end(*, row: Delegate, by: Actor, at: datetime, key: UUID) -> None:
    """From now on the delegate sees nothing of it any more; what was ended already stays as it was ended."""
    _own(row.prescriber, by)
    with transaction.atomic():
        certifying.lock("prescriber", row.prescriber_id)
        if not Delegate.objects.filter(pk=row.pk, ended_at=None).update(ended_at=max(at, row.named_at)):
            return
        draft = Draft(kind="delegate_ended", data={"delegate": str(row.delegate_id)})
        certifying.note("prescriber", row.prescriber_id, draft, by=by, at=at, key=key)


def _own(prescriber: Prescriber, by: Actor) -> None:
    if by.account != prescriber.user_id:
        raise NotPermitted
