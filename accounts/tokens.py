"""The link by which the owner of a new account chooses the password: a signed id that ends after a while."""

from uuid import UUID

from django.core import signing

#: Seconds for which the link can be used.
LIFETIME = 14 * 24 * 3600

_SALT = "accounts.choose-password"


def token(account: UUID) -> str:
    """What stands in the link."""
    return signing.TimestampSigner(salt=_SALT).sign(account.hex)


def of_token(text: str) -> UUID | None:
    """The account of a link; None for one that was not made here, or too long ago."""
    try:
        return UUID(signing.TimestampSigner(salt=_SALT).unsign(text, max_age=LIFETIME))
    except (signing.BadSignature, ValueError):
        return None
