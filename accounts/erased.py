"""Accounts whose texts were erased: closed for good, with a mark in place of the name and of the address.

A user name goes without a mark in its place.
"""

from datetime import datetime
from uuid import UUID, uuid5

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from ledger import erasable_text
from ledger.actor import Actor
from ledger.models import ErasableText

from . import sessions
from .events import note
from .languages import UNKNOWN
from .models import CalendarFeed, SigningLockout, User

#: What stands in place of a name.
MARK = "—"

#: The host of the addresses in place of those that were erased: no mail goes there, ever (RFC 2606).
_NOWHERE = "erased.invalid"


def mark_of(account: UUID) -> str:
    """The address in place of the one that was erased: every account's own, and nobody's."""
    return f"{account}@{_NOWHERE}"


def is_erased(account: User) -> bool:
    """Whether the account's name and address were erased. It is opened for nobody any more."""
    return account.email == mark_of(account.pk)


def erase(account: User, *, asked_by: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Close the account for good, and erase its name, its address or user name, and the texts of its log.

    In the caller's transaction, under the account's lock; that two officers want it is for the caller to see to.
    """
    if is_erased(account):
        return
    texts = list(ErasableText.objects.filter(subject=account.pk).values_list("digest", flat=True))
    if account.is_active:
        note(account.pk, "account_closed", by=by, at=at, key=uuid5(key, f"close:{account.pk}"))
    data = {"asked_by": str(asked_by), "texts": len(texts)}
    note(account.pk, erasable_text.ERASURE_KIND, by=by, at=at, data=data, key=uuid5(key, f"erase:{account.pk}"))
    erasable_text.erase(texts)
    sessions.end_all(account)
    for rows in (Authenticator, EmailAddress, SigningLockout, CalendarFeed):
        rows.objects.filter(user=account).delete()
    account.set_unusable_password()
    account.name, account.email, account.is_active = MARK, mark_of(account.pk), False
    account.invited_email = account.user_name = ""
    account.language = account.zone = UNKNOWN
    account.save(
        update_fields=["name", "email", "invited_email", "user_name", "language", "zone", "is_active", "password"]
    )  # fmt: skip
