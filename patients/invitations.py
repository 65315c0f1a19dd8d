"""The link of an invitation: a signed id. Nothing secret is stored, and opening it uses nothing up."""

from datetime import timedelta
from uuid import UUID

from django.core import signing

#: How long an invitation can be accepted.
LIFETIME = timedelta(days=14)

#: After so many wrong birth dates the invitation is locked.
MAX_FAILED_ATTEMPTS = 5

_SALT = "patients.invitation"


def make_token(invitation: UUID) -> str:
    """What stands in the link."""
    return signing.Signer(salt=_SALT).sign(invitation.hex)


def invitation_of_token(text: str) -> UUID | None:
    """The invitation of a link; None for one that was not made here."""
    try:
        return UUID(signing.Signer(salt=_SALT).unsign(text))
    except (signing.BadSignature, ValueError):
        return None
