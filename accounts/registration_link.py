"""The link to a registration. It goes to the address that was typed; only who reads mail there can go on.

The address stands in it encrypted: nothing is kept until somebody registers, and no URL names anybody.
"""

from datetime import timedelta

from cryptography.fernet import InvalidToken

from ledger.encryption import cipher

#: How long a registration can be begun by it.
LIFETIME = timedelta(days=1)

_PURPOSE = "accounts.registration-link"


class LinkOver(Exception):
    """The link was made here, and its time is over."""


def make_token(email: str) -> str:
    """What stands in the link to that address."""
    return cipher(_PURPOSE).encrypt(email.strip().lower().encode()).decode()


def email_of_token(text: str) -> str | None:
    """The address to which a link went; None for one that was not made here. Raises LinkOver."""
    try:
        email = cipher(_PURPOSE).decrypt(text).decode()
    except (InvalidToken, ValueError):
        return None
    try:
        cipher(_PURPOSE).decrypt(text, ttl=int(LIFETIME.total_seconds()))
    except InvalidToken:
        raise LinkOver from None
    return email
