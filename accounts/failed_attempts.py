"""Failed attempts and the lockout of a password: wrong passwords and codes in a row are counted per account.

The password is locked out after as many as NIST SP 800-63B-4 allows: a hundred. Half of them are for the browsers in
`trusted_browsers`, half for all others.
"""

from uuid import UUID, uuid4

import structlog
from allauth.account.authentication import get_authentication_records
from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in
from django.db import connection, transaction
from django.dispatch import receiver
from django.http import HttpRequest

import outbox
from ledger.actor import SYSTEM
from ledger.clock import now
from outbox.models import Message

from .events import note
from .models import User
from .trusted_browsers import trusted_browser_id

#: The limit in a row in browsers of `trusted_browsers`, and again in all others: a hundred together.
MAX_FAILED_ATTEMPTS = 50

_log = structlog.get_logger("security")

_COUNT_FAILURE = """
UPDATE accounts_user
SET failed_attempts = failed_attempts + %(other)s, failed_attempts_trusted = failed_attempts_trusted + %(trusted)s
WHERE (email = %(address)s AND email <> '' OR user_name = %(address)s AND user_name <> '')
  AND failed_attempts * %(other)s + failed_attempts_trusted * %(trusted)s < %(most)s
RETURNING id, failed_attempts * %(other)s + failed_attempts_trusted * %(trusted)s
"""


def is_locked_out(user: User, request: HttpRequest) -> bool:
    """Whether the password of this account is locked out in this browser."""
    return (
        user.failed_attempts_trusted if trusted_browser_id(request, user.sign_in_name) else user.failed_attempts
    ) >= MAX_FAILED_ATTEMPTS


def record_failure(address: str, request: HttpRequest) -> None:
    """Count a failed attempt with that address or user name: by one query, whether there is such an account or not."""
    trusted = 1 if trusted_browser_id(request, address) else 0
    values: dict[str, int | str] = {
        "trusted": trusted,
        "other": 1 - trusted,
        "address": address.strip().lower(),
        "most": MAX_FAILED_ATTEMPTS,
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_FAILURE, values)
            row = cursor.fetchone()
        if row is not None and row[1] == MAX_FAILED_ATTEMPTS:
            _lock_out(row[0])


def reset(user: User) -> None:
    """The password is another one: the count begins anew."""
    User.objects.filter(pk=user.pk).update(failed_attempts=0, failed_attempts_trusted=0)


def _lock_out(account: UUID) -> None:
    """Write it to the account's log, and tell the owner, who chooses another password by the link."""
    at = now()
    note(account, "password_closed", by=SYSTEM, at=at)
    key = f"password-closed:{account}:{at.isoformat()}"
    message = Message(
        id=uuid4(), key=key, kind="password-closed", subject=None, data={"account": str(account)}, due_at=at
    )
    outbox.enqueue([message], at=at)
    _log.warning("password_locked_out", account=str(account))


@receiver(authentication_failed)
def _code_failed(request: HttpRequest, user: User, **_: object) -> None:
    record_failure(user.sign_in_name, request)


@receiver([password_changed, password_reset])
def _password_replaced(user: User, **_: object) -> None:
    reset(user)


@receiver(user_logged_in)
def _signed_in(user: User, request: HttpRequest | None = None, **_: object) -> None:
    """The row ends with a right one; but what is closed stays so, and a passkey says nothing of the password."""
    if request is None or not (user.failed_attempts or user.failed_attempts_trusted):
        return
    if any(record.get("method") == "password" for record in get_authentication_records(request, user)):
        account = User.objects.filter(pk=user.pk)
        account.filter(failed_attempts__lt=MAX_FAILED_ATTEMPTS).update(failed_attempts=0)
        account.filter(failed_attempts_trusted__lt=MAX_FAILED_ATTEMPTS).update(failed_attempts_trusted=0)
