"""Text that can be erased without breaking a chain: the log holds a salted digest, the text stands beside it."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from .models import Sealed


def digest_of(salt: bytes, text: str) -> str:
    """SHA-256 of salt and text, in hex."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def seal(text: str, *, subject: UUID | None = None, at: datetime | None = None) -> Sealed:
    """A sealed text, not saved yet; its digest goes into the record."""
    salt = secrets.token_bytes(16)
    return Sealed(
        digest=digest_of(salt, text),
        salt=salt,
        text=text,
        subject=subject or UUID(int=0),
        at=at or datetime.fromtimestamp(0, UTC),
    )


def open_many(digests: Iterable[str]) -> dict[str, str]:
    """The texts behind these digests; one that was erased is not among them."""
    return dict(Sealed.objects.filter(pk__in=list(digests)).values_list("digest", "text"))


def erase(digests: Iterable[str]) -> int:
    """Remove these texts for good; how many there were. That two officers want it is for the caller to see to."""
    return Sealed.objects.filter(pk__in=list(digests)).delete()[0]
