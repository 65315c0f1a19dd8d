"""The link to who was added by the address of an account that they have: the account gets the place.

Whoever adds a designee or a colleague opens an account for an address, and learns nothing of it. Where the owner has an
account, the place moves there when they open the link, signed in; the account that was opened for it ends unused. Where
a practice or a pharmacy had closed the account, its only place being there, the link opens it again with a new
password: the mailbox is the proof, as it is for a new account, and the second factors stay.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import Q

from accounts.events import lock, note
from accounts.failed_attempts import reset
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER, PHARMACIST, PRESCRIBER
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from ledger.models import LogRecord
from patients.models import Designee, Pharmacist, Prescriber

#: What the link of an account that somebody opened for a known address can do there.
SIGN_IN, REOPEN, NOTHING = "sign-in", "reopen", "nothing"


class NotJoined(ValueError):
    """The place cannot be added to that account: the link was used, or the account cannot hold it."""


def owner_of(invited: User) -> User | None:
    """The account that has the address to which the link went."""
    return User.objects.filter(email=invited.address).exclude(pk=invited.pk).first() if invited.address else None


def what_it_opens(invited: User, owner: User) -> str:
    """What opening the link does: the owner signs in and takes the place, opens the account again, or nothing."""
    if invited.opened_as not in (DESIGNEE, PHARMACIST) or owner.opened_as == OFFICER or _row_of(invited) is None:
        return NOTHING
    if _is_there(invited, owner):
        return NOTHING
    if owner.is_active:
        return SIGN_IN
    return REOPEN if _closed_by(owner) is not None else NOTHING


def join(*, invited: User, owner: User, at: datetime, key: UUID, password: str | None = None) -> str:
    """The owner takes the place that was opened for `invited`: its code. With a password, a closed account opens by it.

    Raises NotJoined, KeyReused.
    """
    by = Actor(invited.pk, invited.opened_as)
    request = Request(action="join-place", by=by, at=at, key=key, body={"account": str(owner.pk)})
    work = _Joining(request, invited.pk, owner.pk, password)
    answer = once(request, partial(_lock_both, invited.pk, owner.pk), work)
    if answer["codes"]:
        raise NotJoined
    return str(answer["place"])


def _lock_both(*accounts: UUID) -> None:
    for account in sorted(accounts):
        lock(account)


@dataclass(frozen=True, slots=True)
class _Joining:
    """The move of a place, as it runs under the locks of both accounts."""

    request: Request
    invited: UUID
    owner: UUID
    password: str | None

    def __call__(self, _locked: None) -> Result:
        invited, owner = User.objects.get(pk=self.invited), User.objects.get(pk=self.owner)
        opens = what_it_opens(invited, owner)
        if invited.has_usable_password() or invited.invited_email != owner.email or not invited.is_active:
            opens = NOTHING
        if opens != (SIGN_IN if self.password is None else REOPEN):
            return Result(codes=("not-joined",), subject=owner.pk)
        row, request = _row_of(invited), self.request
        assert row is not None
        if self.password is not None:
            self._reopen(owner, self.password)
        row.user = owner
        row.save(update_fields=["user"])
        User.objects.filter(pk=invited.pk).update(is_active=False, invited_email="")
        joined, added = {"account": str(owner.pk)}, {"role": invited.opened_as, "from": str(invited.pk)}
        note(invited.pk, "account_joined", by=request.by, at=request.at, data=joined, key=request.key)
        themselves = Actor(owner.pk, owner.opened_as)
        numbers = note(owner.pk, "place_added", by=themselves, at=request.at, data=added, key=request.key)
        answer = {"place": f"{invited.opened_as}:{_practice_of(row)}", "account": str(owner.pk)}
        return Result(subject=owner.pk, records=numbers, answer=answer)

    def _reopen(self, owner: User, password: str) -> None:
        """The account opens again, and not at the practice or pharmacy that closed it."""
        closed, at = _closed_by(owner), self.request.at
        Designee.objects.filter(user=owner, prescriber=closed, ended_at=None).update(ended_at=at)
        Pharmacist.objects.filter(user=owner, pharmacy=closed, ended_at=None).update(ended_at=at)
        owner.is_active = True
        owner.set_password(password)
        owner.save(update_fields=["is_active", "password"])
        reset(owner)
        note(owner.pk, "reopened_by_link", by=Actor(owner.pk, owner.opened_as), at=at, key=self.request.key)


def _row_of(invited: User) -> Designee | Pharmacist | None:
    """The place that was opened for that account."""
    row: Designee | Pharmacist | None = Designee.objects.filter(user=invited, ended_at=None).first()
    return row or Pharmacist.objects.filter(user=invited, ended_at=None).first()


def _practice_of(row: Designee | Pharmacist) -> UUID:
    return row.prescriber_id if isinstance(row, Designee) else row.pharmacy_id


def _is_there(invited: User, owner: User) -> bool:
    """Whether the owner works there already, in whichever role."""
    row = _row_of(invited)
    if isinstance(row, Designee):
        at_work = Q(pk=row.prescriber_id) & (Q(user=owner) | Q(designees__user=owner, designees__ended_at=None))
        return owner.is_active and Prescriber.objects.filter(at_work).exists()
    return (
        row is not None
        and owner.is_active
        and Pharmacist.objects.filter(user=owner, pharmacy=row.pharmacy_id, ended_at=None).exists()
    )


def _closed_by(owner: User) -> UUID | None:
    """The practice or pharmacy that closed the account; None where it is open, or the office closed it."""
    kinds = ("account_closed", "account_reopened", "reopened_by_link")
    last = LogRecord.objects.filter(subject_kind="account", subject=owner.pk, kind__in=kinds).order_by("number").last()
    if owner.is_active or last is None or last.kind != "account_closed":
        return None
    return last.acting_for if last.role in (PRESCRIBER, PHARMACIST) else None
