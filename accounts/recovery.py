"""Account recovery by two officers: one requests it for an owner who has lost everything, another confirms."""

from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

import outbox
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from ledger.models import LogRecord
from outbox.models import Message

from . import calendar_feeds, sessions
from .erased import is_erased
from .events import lock_by, note, still_open
from .failed_attempts import reset
from .models import SigningLockout, User
from .roles import OFFICER
from .two_officers import Asked

REQUESTED, RECOVERED = "reissue_asked", "account_reissued"

_ASKED = Asked(subject_kind="account", asks=(REQUESTED,), ends=(RECOVERED,))


class RecoveryRefused(ValueError):
    """No other officer has requested it, or it is the officer's own account."""


def request(*, account: User, by: Actor, at: datetime, key: UUID) -> None:
    """The first officer requests it, after identifying the owner.

    Raises RecoveryRefused for the officer's own account, KeyReused.
    """
    _check_officer(account, by)
    request = Request(action="ask-reissue", by=by, at=at, key=key, body={"account": str(account.pk)})
    once(request, partial(_lock, account, by), partial(_ask, account, request), still=still_open(by))


def _ask(account: User, request: Request, _locked: None) -> Result:
    numbers = note(account.pk, REQUESTED, by=request.by, at=request.at, key=request.key)
    return Result(subject=account.pk, records=numbers)


def confirm(*, account: User, by: Actor, at: datetime, key: UUID) -> None:
    """A second officer confirms: no factor, no password and no session is left, and its owner gets a new link.

    Where there is no address, the practice prints a letter instead.

    Raises RecoveryRefused, KeyReused.
    """
    _check_officer(account, by)
    request = Request(action="confirm-reissue", by=by, at=at, key=key, body={"account": str(account.pk)})
    answer = once(request, partial(_lock, account, by), partial(_confirm, account.pk, request), still=still_open(by))
    if answer["codes"]:
        raise RecoveryRefused


def _confirm(account: UUID, request: Request, _locked: None) -> Result:
    by, at = request.by, request.at
    owner = User.objects.get(pk=account)
    record = _ASKED.by_another(REQUESTED, owner.pk, by.account, at)
    if record is None:
        return Result(codes=("nobody-else-asked",), subject=owner.pk)
    Authenticator.objects.filter(user=owner).delete()
    SigningLockout.objects.filter(user=owner).delete()
    owner.set_unusable_password()
    owner.save(update_fields=["password"])
    reset(owner)
    numbers = note(owner.pk, RECOVERED, by=by, at=at, data={"asked_by": str(record.actor)}, key=request.key)
    message = Message(
        id=uuid4(), key=f"account:{owner.pk}:{record.number}", kind="account", subject=None,
        data={"account": str(owner.pk)}, due_at=at,
    )  # fmt: skip
    outbox.enqueue([message], at=at)
    sessions.end_all(owner)
    calendar_feeds.end_all(owner)
    return Result(subject=owner.pk, records=numbers)


def pending(at: datetime) -> QuerySet[LogRecord]:
    """Requests that no second officer has confirmed yet. A request cannot be withdrawn; it ends after a week."""
    return _ASKED.waiting(at)


def _lock(account: User, by: Actor) -> None:
    """Locks the account, while that of the officer is open. Raises PermissionDenied."""
    if not lock_by(account.pk, by=by.account):
        raise PermissionDenied


def _check_officer(account: User, by: Actor) -> None:
    if by.role != OFFICER:
        raise PermissionDenied
    if account.pk == by.account or is_erased(User.objects.get(pk=account.pk)):
        raise RecoveryRefused


def account_of(login: str) -> User | None:
    """The account with that address or user name; where there is none, the latest to whose owner a link went there."""
    address = login.strip().lower()
    if not address:
        return None
    rows = User.objects.filter(Q(email=address) | Q(user_name=address) | Q(invited_email=address))
    return rows.order_by("invited_email", "-is_active", "-created_at").first()
