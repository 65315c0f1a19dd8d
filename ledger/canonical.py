"""The canonical form of a record, over which its hash is made. Specified in `docs/record-log.md`."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785

#: The canonical form in which records are written today: RFC 8785. Records of form 1 stay as they are.
FORM = 2

#: The largest whole number that every reader of JSON reads alike (RFC 8785, RFC 7493).
LARGEST = 2**53 - 1

#: The columns over which the hash of a record of form 1 is made. Every later form covers its own number as well.
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
    """Raise NotPlain unless `data` is made of text, whole numbers, true, false, null, lists and mappings by text.

    Whole numbers lie within `LARGEST` on either side of zero.
    """
    if data is None or isinstance(data, (str, bool)) or (isinstance(data, int) and abs(data) <= LARGEST):
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


def _form_1(value: object) -> bytes:
    """JSON with keys sorted by code point, no spaces, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _form_2(value: Any) -> bytes:
    """JSON as RFC 8785 (JCS) has it: keys sorted by UTF-16 code unit, no spaces, in UTF-8."""
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise NotPlain(type(error).__name__) from None


#: How a value is written in each canonical form.
FORMS: Mapping[int, Callable[[object], bytes]] = {1: _form_1, 2: _form_2}


def encode(value: object, form: int = FORM) -> bytes:
    """The value in that canonical form. Raises KeyError for an unknown one, NotPlain for a value that has none."""
    return FORMS[form](value)


def digest(value: object) -> str:
    """SHA-256 of the value's canonical form, in hex."""
    return hashlib.sha256(encode(value)).hexdigest()


def members(columns: Mapping[str, Any]) -> dict[str, Any]:
    """What the hash covers of a record given by its columns: plain data, and from form 2 on the form's number."""
    covered = COLUMNS if columns["canonical_form"] == 1 else (*COLUMNS, "canonical_form")
    return {name: _plain(columns[name]) for name in covered}


def canonical(columns: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed, for a record given by its columns, in the form in which it was written."""
    return encode(members(columns), columns["canonical_form"])


def hash_of(columns: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(columns)).hexdigest()
