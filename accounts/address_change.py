"""The link by which a new e-mail address proves itself, before the account signs in by it.

Account and address stand in it encrypted: nothing is kept until it is opened, and no URL names anybody.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.utils.crypto import salted_hmac

from ledger.encryption import cipher

from .models import User
from .registration_link import LinkOver

#: How long the new address can be confirmed.
LIFETIME = timedelta(days=3)

_PURPOSE = "accounts.address-change"


@dataclass(frozen=True, slots=True)
class Change:
    """An account, and the address that it is to have."""

    account: UUID
    email: str


def make_token(user: User, email: str) -> str:
    """What stands in the link to the new address. It is over once the account's address or password changes."""
    payload = {"account": str(user.pk), "email": email.strip().lower(), "state": _state(user)}
    return cipher(_PURPOSE).encrypt(json.dumps(payload).encode()).decode()


def change_of_token(text: str) -> Change | None:
    """The change that a link stands for; None for one that was not made here.

    Raises LinkOver for one whose time is over, or that was overtaken by another address or password.
    """
    try:
        payload = json.loads(cipher(_PURPOSE).decrypt(text))
    except (InvalidToken, ValueError):
        return None
    change = Change(UUID(payload["account"]), payload["email"])
    user = User.objects.filter(pk=change.account, is_active=True).first()
    try:
        cipher(_PURPOSE).decrypt(text, ttl=int(LIFETIME.total_seconds()))
    except InvalidToken:
        raise LinkOver from None
    if user is None or (_state(user) != payload["state"] and user.email != change.email):
        raise LinkOver
    return change


def _state(user: User) -> str:
    return salted_hmac(_PURPOSE, f"{user.email}:{user.password}", algorithm="sha256").hexdigest()[:32]
