"""The canonical form of a record, over which its hash is made. Specified in `docs/record-log.md`."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

#: Every column of a record but its own hash and the table's row number.
COLUMNS = (
    "subject_kind", "subject", "number", "kind", "format", "at", "actor", "role", "acting_for", "request_id",
    "data", "edition", "previous_hash",
)  # fmt: skip


class NotPlain(ValueError):
    """The data holds something that has no one canonical form."""


def instant(at: datetime) -> str:
    """An instant in UTC with microseconds, such as `2026-12-01T14:00:00.000000Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check(data: object) -> None:
    """Raise NotPlain unless `data` is made of text, whole numbers, true, false, null, lists and mappings by text."""
    if data is None or isinstance(data, (str, bool, int)):
        return
    if isinstance(data, (list, tuple)):
        for item in data:
            check(item)
    elif isinstance(data, Mapping):
        for key, value in data.items():
            if not isinstance(key, str):
                raise NotPlain("a key that is no text")
            check(value)
    else:
        raise NotPlain(f"a value of type {type(data).__name__}")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    return str(value) if isinstance(value, UUID) else value


def encode(value: object) -> bytes:
    """JSON with sorted keys, no spaces, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: object) -> str:
    """SHA-256 of the value's JSON, in hex."""
    return hashlib.sha256(encode(value)).hexdigest()


def canonical(columns: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed, for a record given by its columns."""
    return encode({name: _plain(columns[name]) for name in COLUMNS})


def hash_of(columns: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(columns)).hexdigest()
