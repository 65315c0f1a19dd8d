"""Events of an account, recorded in the account's own log."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from ledger import log
from ledger.actor import SYSTEM, Actor
from ledger.erasable_text import ERASURE_KIND
from ledger.log import NewRecord

from .roles import DESIGNEE, OFFICER, PHARMACIST, PRESCRIBER

#: Who writes each kind of event to an account's log. What is not here the program does not write: `verify_log`
#: reports it.
WRITERS: Mapping[str, frozenset[str]] = {
    "account_opened": frozenset({PRESCRIBER, PHARMACIST, OFFICER, SYSTEM.role}),
    "account_closed": frozenset({PRESCRIBER, PHARMACIST, OFFICER}),
    "account_reopened": frozenset({OFFICER}),
    "closing_asked": frozenset({OFFICER}),
    "opening_asked": frozenset({OFFICER}),
    "reissue_asked": frozenset({OFFICER}),
    "account_reissued": frozenset({OFFICER}),
    "password_closed": frozenset({SYSTEM.role}),
    "name_corrected": frozenset({PRESCRIBER, DESIGNEE}),
    "address_changed": frozenset({PRESCRIBER, DESIGNEE}),
    "language_changed": frozenset({PRESCRIBER, DESIGNEE}),
    ERASURE_KIND: frozenset({OFFICER}),
    "place_ended": frozenset({PRESCRIBER, PHARMACIST}),
}

#: Events that an account's owner writes by what they do.
OWN_EVENTS = frozenset(
    {
        "account_registered", "signing_locked", "second_factor_added", "second_factor_removed", "recovery_codes_made",
        "recovery_code_used", "address_changed", "name_corrected", "language_changed", "password_chosen",
        "password_changed", "lookups_paused", "place_added", "account_joined", "reopened_by_link",
        "calendar_feed_made", "calendar_feed_ended",
    }
)  # fmt: skip


def lock(account: UUID) -> bool:
    """Locks the account's row, in the caller's transaction; whether there is one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts_user WHERE id = %s FOR UPDATE", [account])
        return cursor.fetchone() is not None


def is_open(account: UUID) -> bool:
    """Whether the account is open, and stays so until the end of the caller's transaction.

    Who has no account (the system, somebody who was invited) has none that is closed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_active FROM accounts_user WHERE id = %s FOR SHARE", [account])
        row = cursor.fetchone()
    return row is None or bool(row[0])


def still_open(by: Actor) -> Callable[[object], bool]:
    """For `ledger.idempotency.once`: whether the account of who asks again is still open. Locks nothing."""
    return lambda _locked: not _is_closed(by.account)


def _is_closed(account: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts_user WHERE id = %s AND NOT is_active", [account])
        return cursor.fetchone() is not None


def lock_by(account: UUID, *, by: UUID) -> bool:
    """As `lock`, for somebody who acts on another's account; whether their own is open, and stays so meanwhile.

    The two are locked in the order of their ids, so that two who act on each other's do not wait crosswise.
    """
    if by > account:
        lock(account)
    stays_open = is_open(by)
    if by <= account:
        lock(account)
    return stays_open


def note(
    account: UUID, kind: str, *, by: Actor, at: datetime, data: Mapping[str, Any] | None = None,
    key: UUID | None = None,
) -> list[int]:  # fmt: skip
    """Write an event to the account's log, under the account's lock; its number. `key` is that of the request."""
    with transaction.atomic():
        lock(account)
        head = log.head_of(log.read(account))
        now = max(at, head.at) if head.at else at
        draft = NewRecord(kind, data or {})
        written = log.append("account", account, [draft], head=head, by=by, at=now, request_id=key or uuid4())
        return [row.number for row in written]
