"""Text that can be erased without breaking a chain: the log holds a salted digest, the text stands beside it."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from .models import ErasableText

#: How many bytes a salt has.
SALT_LENGTH = 16

#: The kind of record after which the texts that its log named before it may be missing.
ERASURE_KIND = "texts_erased"

#: Members of a record's data that are hashes of something else.
_OTHER_HASHES = ("sha256", "statement")

_DIGEST = re.compile("[0-9a-f]{64}")


def salted_digest(salt: bytes, text: str) -> str:
    """SHA-256 of salt and text, in hex."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def make_erasable(
    text: str, *, subject: UUID | None = None, at: datetime | None = None, salt: bytes | None = None
) -> ErasableText:
    """An erasable text, not saved yet; its digest goes into the record. The salt is random unless it is given."""
    salt = salt or secrets.token_bytes(SALT_LENGTH)
    return ErasableText(
        digest=salted_digest(salt, text),
        salt=salt,
        text=text,
        subject=subject or UUID(int=0),
        at=at or datetime.fromtimestamp(0, UTC),
    )


def read_texts(digests: Iterable[str]) -> dict[str, str]:
    """The texts behind these digests; one that was erased is not among them."""
    return dict(ErasableText.objects.filter(pk__in=list(digests)).values_list("digest", "text"))


def erase(digests: Iterable[str]) -> int:
    """Remove these texts for good; how many there were. That two officers want it is for the caller to see to."""
    return ErasableText.objects.filter(pk__in=list(digests)).delete()[0]


def digests_in(data: object) -> set[str]:
    """The digests of erasable texts that a record names, in `sealed` or as the value of a member."""
    if not isinstance(data, Mapping):
        return set()  # put there by somebody who owns the database
    values = [value for name, value in data.items() if name not in _OTHER_HASHES]
    values += list(sealed.values() if isinstance(sealed := data.get("sealed"), Mapping) else ())
    return {value for value in values if isinstance(value, str) and _DIGEST.fullmatch(value)}
