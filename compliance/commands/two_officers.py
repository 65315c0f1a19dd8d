"""What two officers agree on: one asks for it with a reason, another one asks for the very same, and it is done.

A step about which nothing but its subject matters is a record in a log instead: `accounts.two_officers`.

Any command of the office can use it: inside its work, under its locks, it calls `agree`. The action and the subject
say what it is about, the payload what exactly is to be done, as plain data that a page can show.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.roles import OFFICER
from accounts.two_officers import LIFETIME, closed
from compliance.models import Proposal
from ledger.actor import Actor

from .decide import NotPermitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that two officers are to do together: what, about whom or what, exactly how, and why."""

    action: str
    subject: UUID
    payload: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """That it is agreed, and why; `asked_by` is who asked for it first, None where one officer is enough."""

    asked_by: UUID | None
    reason: str


def settle(step: Step, *, two: bool, by: Actor, at: datetime) -> Agreed | None:
    """What is agreed about this step, by two officers or (`two` false) by one; None while it waits for the second.

    The reason is that of who confirms, or else of who asked. Like `agree`, it runs under a lock on the subject.
    """
    if not two:
        return Agreed(None, step.reason)
    proposal = agree(step, by=by, at=at)
    return Agreed(proposal.asked_by, step.reason or proposal.reason) if proposal is not None else None


def agree(step: Step, *, by: Actor, at: datetime) -> Proposal | None:
    """The proposal of another officer that this one confirms now; None where this one only asks for it.

    What is asked for replaces what was asked for the same subject before, so that nobody confirms what they did not
    see. Runs under a lock on the subject. Raises NotPermitted for anyone but an officer.
    """
    if by.role != OFFICER:
        raise NotPermitted
    open_one = waiting(step.action, at).filter(subject=step.subject).select_for_update().first()
    if open_one is not None and open_one.payload == step.payload:
        if open_one.asked_by == by.account:
            return None
        Proposal.objects.filter(pk=open_one.pk).update(confirmed_by=by.account, ended_at=at)
        return open_one
    end(step.action, step.subject, at=at)
    Proposal.objects.create(
        action=step.action, subject=step.subject, payload=dict(step.payload), reason=step.reason, asked_by=by.account,
        asked_at=at,
    )  # fmt: skip
    return None


def end(action: str, subject: UUID, *, at: datetime) -> None:
    """Nobody can confirm any more what was asked for about that subject."""
    Proposal.objects.filter(action=action, subject=subject, ended_at=None).update(ended_at=at)


def end_about(actions: Iterable[str], files: Iterable[UUID], *, at: datetime) -> None:
    """Nobody can confirm any more what was asked for about any of these files, by its payload's `states`."""
    rows = Proposal.objects.filter(action__in=list(actions), ended_at=None)
    rows.filter(payload__states__has_any_keys=[str(file) for file in files]).update(ended_at=at)


def waiting(action: str, at: datetime) -> QuerySet[Proposal]:
    """What waits for a second officer, oldest first."""
    rows = Proposal.objects.filter(action=action, ended_at=None, asked_at__gt=at - LIFETIME)
    return rows.exclude(asked_by__in=closed()).order_by("asked_at", "id")
