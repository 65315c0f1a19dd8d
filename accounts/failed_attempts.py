"""Wrong passwords and codes in a row. After as many as NIST SP 800-63B-4 bears, the password opens nothing any more.

Browsers in which the owner signed in before are counted apart: half of the hundred is for them, half for all others.
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
from .trusted_browsers import known

#: So many wrong ones in a row from browsers that are known, and so many from all others: a hundred together.
MOST = 50

_log = structlog.get_logger("security")

_COUNT = """
UPDATE accounts_user
SET failed_attempts = failed_attempts + %(strange)s, failed_attempts_trusted = failed_attempts_trusted + %(known)s
WHERE email = %(address)s AND failed_attempts * %(strange)s + failed_attempts_trusted * %(known)s < %(most)s
RETURNING id, failed_attempts * %(strange)s + failed_attempts_trusted * %(known)s
"""


def closed(user: User, request: HttpRequest) -> bool:
    """Whether the password opens this account no more, in this browser."""
    return (user.failed_attempts_trusted if known(request, user.email) else user.failed_attempts) >= MOST


def wrong(address: str, request: HttpRequest) -> None:
    """Count a wrong one: by one query, whether there is such an account or not."""
    here = 1 if known(request, address) else 0
    told: dict[str, int | str] = {"known": here, "strange": 1 - here, "address": address.strip().lower(), "most": MOST}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, told)
            row = cursor.fetchone()
        if row is not None and row[1] == MOST:
            _close(row[0])


def forget(user: User) -> None:
    """The password is another one: what was tried before is over."""
    User.objects.filter(pk=user.pk).update(failed_attempts=0, failed_attempts_trusted=0)


def _close(account: UUID) -> None:
    """Write it to the account's log, and tell the owner, who chooses another password by the link."""
    at = now()
    note(account, "password_closed", by=SYSTEM, at=at)
    key = f"password-closed:{account}:{at.isoformat()}"
    message = Message(
        id=uuid4(), key=key, kind="password-closed", subject=None, data={"account": str(account)}, due_at=at
    )
    outbox.lay([message], at=at)
    _log.warning("password_closed", account=str(account))


@receiver(authentication_failed)
def _wrong_code(request: HttpRequest, user: User, **_: object) -> None:
    wrong(user.email, request)


@receiver([password_changed, password_reset])
def _another(user: User, **_: object) -> None:
    forget(user)


@receiver(user_logged_in)
def _came_in(user: User, request: HttpRequest | None = None, **_: object) -> None:
    """The row ends with a right one; but what is closed stays so, and a passkey says nothing of the password."""
    if request is None or not (user.failed_attempts or user.failed_attempts_trusted):
        return
    if any(record.get("method") == "password" for record in get_authentication_records(request, user)):
        own = User.objects.filter(pk=user.pk)
        own.filter(failed_attempts__lt=MOST).update(failed_attempts=0)
        own.filter(failed_attempts_trusted__lt=MOST).update(failed_attempts_trusted=0)
