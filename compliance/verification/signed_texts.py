"""Signatures against the texts that were published, and a passkey's own signature."""

import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from datetime import date

from cryptography.exceptions import InvalidSignature
from fido2 import cbor
from fido2.cose import CoseKey

from compliance import documents
from compliance.documents import library
from compliance.rules import days
from compliance.rules.editions import Program
from compliance.rules.records import Attested, load
from ledger.log import Row

#: The flags of an authenticator: somebody was there, and it was verified who.
_PRESENT, _VERIFIED = 1, 4


def problems(row: Row, program: Program) -> Iterator[str]:
    """What is wrong with the text, the answers, the program's time or the passkey of an `attested` row."""
    record = load(row.kind, row.format, row.data)
    assert isinstance(record, Attested)
    if not documents.is_that(record.document, record.version, record.language, record.sha256):
        yield "is a signature under a text that was never published"
        return
    document = documents.load(record.document, record.version, record.language)
    local = row.at.astimezone(days.zone(program.zone))
    if not _was_published(record.document, record.version, local.date()):
        yield "is a signature under a text that was not published yet"
    if record.answers.keys() != {item.id for item in document.items}:
        yield "is a signature that does not answer every item of its text"
    if record.local_time != local.isoformat(timespec="seconds"):
        yield "is a signature at another time than it says"
    if record.means == "passkey" and not _is_signed(record.proof or {}):
        yield "is a signature that its passkey did not make"


def _was_published(code: str, version: int, on: date) -> bool:
    """Whether that version was the one to sign by that day; the first one also before its day."""
    every = library.versions(code)
    return version == every[0].number or any(one.number == version and one.from_day <= on for one in every)


def _is_signed(proof: Mapping[str, str]) -> bool:
    """Whether the passkey whose public key is in the proof made the signature that is in it."""
    try:
        client, data = _raw(proof["client_data"]), _raw(proof["authenticator_data"])
        key = cbor.decode(_raw(proof["public_key"]))
        if not isinstance(key, Mapping):
            return False
        CoseKey.parse(key).verify(data + hashlib.sha256(client).digest(), _raw(proof["signature"]))
    except (InvalidSignature, LookupError, TypeError, ValueError, NotImplementedError):
        return False
    return bool(data[32] & _PRESENT and data[32] & _VERIFIED)


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
