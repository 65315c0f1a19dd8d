"""Verify a bundle that Clearfill exported. Needs Python 3.9 or newer and nothing else.

    python verify.py [FOLDER] [--patient ID] [--key NAME] [--seal NAME] [--checkpoints FOLDER]

FOLDER is the bundle (by default the folder of this file). `--patient` says whose record it must be, `--key` is the name
of the program's key as you know it from elsewhere, `--seal` the SHA-256 of the certificate that seals its documents,
`--checkpoints` a folder of checkpoint files that you kept yourself.
Exits 1 if anything is wrong, or not shown. What is checked, and what is not, stands in docs/record-log.md.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
import zlib
from bisect import bisect_left
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

Json = Any
Point = Tuple[int, int, int, int]

# --- Ed25519, as RFC 8032 describes it: verification only -----------------------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def recover_x(y: int, sign: int) -> Optional[int]:
    """The x that goes with a y on the curve and has that sign; None where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0) or 0
BASE: Point = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def add(one: Point, other: Point) -> Point:
    """The sum of two points in extended coordinates."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    """A point added to itself so many times."""
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def point_of(encoded: bytes) -> Optional[Point]:
    """The point in its 32 bytes; None where they are none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is that of `message` by the key `public`; all are bytes."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or s >= ORDER or times(8, key)[0] % P == 0:
        return False  # a key of small order, the last one, would sign anything
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(commitment, times(h, key))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % P == 0


# --- the log's own forms --------------------------------------------------------------------------
RECORD_COLUMNS = (
    "subject_kind", "subject", "number", "kind", "format", "at", "actor", "role", "acting_for", "request_id",
    "data", "edition", "previous_hash",
)  # fmt: skip
CHECKPOINT_SIGNED = ("at", "key", "leaves", "number", "previous", "root")
CHECKPOINT = {*CHECKPOINT_SIGNED, "hash", "signature"}
#: The files of a bundle, and the members of each row.
#: In records of which kinds a signed document is named, and as which member; `paper_made` is the older one.
PDF_NAMED_AS = {"pdf_sealed": "pdf", "paper_made": "paper"}

FILES = {
    "records.json": {"subject", "subject_kind", "records"},
    "sealed.json": {"digest", "salt", "text"},
    "checkpoints.json": CHECKPOINT,
    "proofs.json": {"subject", "checkpoint", "number", "hash", "steps"},
    "keys.json": {"name", "public"},
}
#: A record is written at most so long after the instant it bears.
SLACK = timedelta(minutes=5)


def read(path: Path) -> Json:
    """A file's JSON: no name twice in one object, and no number but whole ones."""

    def once(pairs: List[Tuple[str, Json]]) -> Json:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name stands twice in one object")
        return dict(pairs)

    def refuse(text: str) -> Json:
        raise ValueError("%s is no whole number" % text)

    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text, object_pairs_hook=once, parse_float=refuse, parse_constant=refuse)
    except (OSError, ValueError) as error:
        raise ValueError("%s: %s" % (path.name, error)) from None


def shaped(rows: Json, members: Set[str], where: str) -> Json:
    """The rows, each an object of just these members."""
    if not isinstance(rows, list) or any(not isinstance(row, dict) or set(row) != members for row in rows):
        raise ValueError("%s: members are missing, or too many" % where)
    return rows


def instant(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.strptime(text + "+0000", "%Y-%m-%dT%H:%M:%S.%fZ%z")


def form_1(value: Json) -> bytes:
    """JSON with keys sorted by code point, no spaces, in UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def form_2(value: Json) -> bytes:
    """JSON as RFC 8785 has it, of what a log holds: there is no number but whole ones."""
    return "".join(rfc8785(value)).encode()


def rfc8785(value: Json) -> Iterator[str]:
    """The parts of a value's JSON: keys sorted by UTF-16 code unit, no spaces."""
    if isinstance(value, dict):
        for place, name in enumerate(sorted(value, key=lambda name: name.encode("utf-16-be"))):
            yield ("," if place else "{") + json.dumps(name, ensure_ascii=False) + ":"
            yield from rfc8785(value[name])
        yield "}" if value else "{}"
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            yield "," if place else "["
            yield from rfc8785(item)
        yield "]" if value else "[]"
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) >= 2**53):
        raise ValueError("%s is no whole number that JSON carries safely" % value)
    else:
        yield json.dumps(value, ensure_ascii=False)


#: How a value is written in each canonical form.
FORMS = {1: form_1, 2: form_2}


def form_of(record: Json) -> int:
    """The canonical form of a record, which names every form but the first; 0 for one that is not known."""
    form = record.get("canonical_form", 1)
    return form if form in FORMS and (form == 1) != ("canonical_form" in record) else 0


def canonical(value: Json, form: int = 2) -> bytes:
    """A value in that canonical form. An object whose names are all ASCII has the same bytes in both."""
    return FORMS[form](value)


def hash_of(record: Json) -> str:
    """The hash that belongs to a record: over all its members but the hash; none for what its form cannot say."""
    try:
        return sha256(canonical({name: record[name] for name in record if name != "hash"}, form_of(record)))
    except ValueError:
        return ""


def sha256(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def leaf_hash(subject: str, number: int, hash_: str) -> bytes:
    """The hash of one log's end as a leaf of the tree."""
    return hashlib.sha256(b"\0" + canonical({"hash": hash_, "number": number, "subject": subject})).digest()


def climb(start: bytes, steps: Sequence[Sequence[str]]) -> bytes:
    """The root to which a proof leads."""
    for side, partner in steps:
        other = bytes.fromhex(partner)
        pair = other + start if side == "left" else start + other
        start = hashlib.sha256(b"\1" + pair).digest()
    return start


# --- sealed PDFs: CMS with RSA and SHA-256 (RFC 5652, RFC 8017), verification only ----------------
BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
#: The DER of the attribute's name, and of what stands before a digest that RSA signs.
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
#: In bytes: 2048 bits.
LEAST_RSA_SIZE = 256
#: No record that is attached is longer, in bytes.
LARGEST_ATTACHMENT = 10_000_000


class BrokenSeal(ValueError):
    """A PDF's seal is missing, broken, or does not cover the whole document."""


def der(data: bytes, start: int = 0) -> Tuple[int, int, int]:
    """The tag of the value at `start`, and where its contents begin and end."""
    length, begin = data[start + 1], start + 2
    if length & 0x80:
        begin += length & 0x7F
        length = int.from_bytes(data[start + 2 : begin], "big")
    if begin + length > len(data):
        raise BrokenSeal("its seal cannot be read")
    return data[start], begin, begin + length


def parts(data: bytes) -> List[bytes]:
    """The values inside the one that `data` is, each with its head."""
    _tag, place, end = der(data)
    found = []
    while place < end:
        after = der(data, place)[2]
        found.append(data[place:after])
        place = after
    return found


def contents(data: bytes) -> bytes:
    """What the value holds, without its head."""
    _tag, begin, end = der(data)
    return data[begin:end]


def whole_signature(pdf: bytes) -> Tuple[bytes, bytes]:
    """The one signature of a PDF, and the bytes that it is of: all of them but itself."""
    found = list(BYTE_RANGE.finditer(pdf))
    if len(found) != 1:
        raise BrokenSeal("it has no seal" if not found else "it has more than one seal")
    start, first, second, last = (int(number) for number in found[0].groups())
    gap = pdf[first:second]
    if start or second + last != len(pdf) or not re.fullmatch(rb"<([0-9A-Fa-f]{2})+>", gap):
        raise BrokenSeal("its seal does not cover the whole document")
    return bytes.fromhex(gap[1:-1].decode()), pdf[:first] + pdf[second:]


def sealed_by(pdf: bytes) -> str:
    """The name of the certificate by which the whole PDF is sealed: SHA-256 over its DER. Raises BrokenSeal."""
    try:
        signature, covered = whole_signature(pdf)
        signed_data = parts(parts(parts(signature)[1])[0])
        certificates = [part for part in signed_data if part[0] == 0xA0]
        (certificate,) = parts(certificates[0])
        (signer,) = parts(signed_data[-1])
        members = parts(signer)
        attributes = next(part for part in members if part[0] == 0xA0)
        value = members[members.index(attributes) + 2]
        digests = [parts(one)[1] for one in parts(attributes) if parts(one)[0] == MESSAGE_DIGEST]
        modulus, exponent = rsa_key(certificate)
    except (IndexError, StopIteration, ValueError) as error:
        raise error if isinstance(error, BrokenSeal) else BrokenSeal("its seal cannot be read") from None
    if [contents(one) for (one,) in map(parts, digests)] != [hashlib.sha256(covered).digest()]:
        raise BrokenSeal("its seal is broken")
    signed = b"\x31" + attributes[1:]
    expected = SHA256_INFO + hashlib.sha256(signed).digest()
    size = (modulus.bit_length() + 7) // 8
    if size < LEAST_RSA_SIZE:
        raise BrokenSeal("its seal is by a key that is too short")
    padded = b"\x00\x01" + b"\xff" * (size - len(expected) - 3) + b"\x00" + expected
    opened = pow(int.from_bytes(contents(value), "big"), exponent, modulus).to_bytes(size, "big")
    if opened != padded or hashlib.sha256(certificate).digest() not in attributes:
        raise BrokenSeal("its seal is broken")
    return sha256(certificate)


def rsa_key(certificate: bytes) -> Tuple[int, int]:
    """Modulus and exponent of a certificate's key."""
    body = parts(parts(certificate)[0])
    subject_key = body[6 if body[0][0] == 0xA0 else 5]
    modulus, exponent = parts(contents(parts(subject_key)[1])[1:])
    return int.from_bytes(contents(modulus), "big"), int.from_bytes(contents(exponent), "big")


def attached(pdf: bytes) -> Json:
    """The record that is attached to a PDF; None where there is none."""
    for found in re.finditer(rb"stream\r?\n", pdf):
        try:
            value = json.loads(zlib.decompressobj().decompress(pdf[found.end() :], LARGEST_ATTACHMENT))
        except (RecursionError, ValueError, zlib.error):
            continue
        if isinstance(value, dict) and "records" in value:
            return value
    return None


def pdf_problems(pdf: bytes, signature: Json, covered: Sequence[Json], trusted: Set[str]) -> Iterator[str]:
    """What is wrong with the PDF of a signature: its seal, whose it is, and the record that is attached to it."""
    try:
        name = sealed_by(pdf)
    except BrokenSeal as broken:
        yield str(broken)
        return
    if trusted and name not in trusted:
        yield "it is sealed by another certificate than the program's"
    if (attached(pdf) or {}).get("records") != [*covered, signature]:
        yield "what it says was signed is not what the log says"


# --- what the program writes ----------------------------------------------------------------------
#: Which roles write which kind of record, by the kind of subject (`compliance/commands/permissions.py`).
WRITERS = {
    "patient": {
        "registered": ("officer", "prescriber"),
        "birth_date_corrected": ("prescriber",),
        "contact_corrected": ("designee", "patient", "prescriber"),
        "guardian_named": ("designee", "officer", "prescriber"),
        "guardian_corrected": ("designee", "guardian", "prescriber"),
        "guardian_ended": ("designee", "prescriber"),
        "invited": ("designee", "officer", "prescriber"),
        "invitation_accepted": ("guardian", "patient"),
        "enrolled": ("officer", "prescriber"),
        "category_changed": ("prescriber",),
        "consent_signed": ("guardian", "patient"),
        "consent_refused": ("guardian", "patient"),
        "attested": ("guardian", "patient", "prescriber"),
        "pdf_sealed": ("system",),
        "paper_made": ("system",),
        "consent_withdrawn": ("guardian", "patient"),
        "counselled": ("designee", "prescriber"),
        "contraception_declared": ("patient", "prescriber"),
        "home_testing_set": ("prescriber",),
        "pregnancy_test": ("designee", "prescriber"),
        "transferred": ("officer", "prescriber"),
        "file_transferred": ("prescriber",),
        "transfer_offered": ("officer", "patient", "prescriber"),
        "transfer_declined": ("prescriber",),
        "transfer_withdrawn": ("officer", "patient", "prescriber"),
        "file_linked": ("officer",),
        "file_unlinked": ("officer",),
        "kept_apart": ("officer",),
        "comprehension_passed": ("patient",),
        "pregnancy_reported": ("designee", "officer", "patient", "prescriber"),
        "report_mistaken": ("patient",),
        "problem_reported": ("patient",),
        "test_booked": ("designee", "patient", "prescriber"),
        "mood_answered": ("patient",),
        "side_effect_reported": ("patient",),
        "report_answered": ("designee", "prescriber"),
        "question_asked": ("guardian", "patient"),
        "question_answered": ("designee", "prescriber"),
        "guide_opened": ("patient",),
        "prescribed": ("prescriber",),
        "health_answered": ("designee", "prescriber"),
        "health_reviewed": ("patient",),
        "laboratory_result": ("designee", "prescriber"),
        "laboratory_planned": ("designee", "prescriber"),
        "pregnancy_followed": ("officer",),
        "stop_cleared": ("prescriber",),
        "discontinued": ("prescriber",),
        "last_dose_corrected": ("prescriber",),
        "entry_struck": ("prescriber",),
        "authorized": ("pharmacist",),
        "dispensed": ("pharmacist",),
        "reversed": ("pharmacist",),
        "erasure_asked": ("officer",),
        "texts_erased": ("officer",),
    },
    "prescriber": {
        "applied": ("prescriber",),
        "approved": ("officer",),
        "turned_down": ("officer",),
        "register_checked": ("officer",),
        "certified": ("officer", "prescriber"),
        "renewed": ("prescriber",),
        "suspended": ("officer",),
        "reinstated": ("officer",),
        "case_opened": ("officer",),
        "case_step": ("officer",),
        "case_answered": ("prescriber",),
        "contact_corrected": ("officer", "prescriber"),
        "laboratory_scheduled": ("prescriber",),
        "delegate_named": ("prescriber",),
        "delegate_ended": ("prescriber",),
        "attested": ("prescriber",),
        "pdf_sealed": ("system",),
        "paper_made": ("system",),
    },
    "pharmacy": {
        "applied": ("pharmacist",),
        "approved": ("officer",),
        "turned_down": ("officer",),
        "register_checked": ("officer",),
        "certified": ("officer", "pharmacist"),
        "trained": ("pharmacist",),
        "contact_corrected": ("officer", "pharmacist"),
        "suspended": ("officer",),
        "reinstated": ("officer",),
        "case_opened": ("officer",),
        "case_step": ("officer",),
        "case_answered": ("pharmacist",),
        "attested": ("pharmacist",),
        "pdf_sealed": ("system",),
        "paper_made": ("system",),
    },
}
#: What an officer writes only in the request that registers the patient (a held enrolment that is let through).
AT_REGISTRATION = {"registered", "guardian_named", "invited", "enrolled"}
#: The kind with which a log begins, and which stands nowhere else.
FIRST_KIND = {"patient": "registered", "prescriber": "applied", "pharmacy": "applied"}
#: What a certification stands behind, in one request.
CERTIFYING = {"approved", "renewed", "trained"}
#: The newest format of each kind that has had more than one.
NEWEST_FORMAT = {"dispensed": 2, "file_linked": 2, "file_unlinked": 2, "registered": 2}
#: Kinds that nobody writes without a signature, and the text above the signature of each role; a consent names its own.
SIGNED_BY = {
    ("consent_signed", "patient"): "",
    ("consent_signed", "guardian"): "",
    ("contraception_declared", "prescriber"): "monthly-prescriber",
    ("contraception_declared", "patient"): "monthly-patient",
    ("stop_cleared", "prescriber"): "clearing-stop",
    ("entry_struck", "prescriber"): "striking",
    ("category_changed", "prescriber"): "changing-category",
    ("birth_date_corrected", "prescriber"): "correcting-birth-date",
    ("home_testing_set", "prescriber"): "permitting-home-tests",
    ("applied", "prescriber"): "prescriber-attestation",
    ("applied", "pharmacist"): "pharmacy-attestation",
    ("renewed", "prescriber"): "prescriber-attestation",
    ("trained", "pharmacist"): "pharmacy-attestation",
}
#: From when on, of the kinds that were not always signed.
SIGNED_SINCE = dict.fromkeys(("category_changed", "birth_date_corrected", "home_testing_set"), "2026-11-29")
SIGNED_KINDS = {kind for kind, _role in SIGNED_BY}
#: The member by which a record says in which role its author acts.
SAYS_ROLE = {
    "consent_signed": "signer",
    "consent_refused": "signer",
    "question_asked": "signer",
    "contraception_declared": "by",
}
ENDS_AN_OFFER = {"transferred", "file_transferred", "transfer_declined", "transfer_withdrawn", "discontinued"}
SYSTEM = "00000000-0000-0000-0000-000000000000"


class Written:
    """One log, asked whether the program could have written it: each `problems` names a number and what is wrong.

    The log must be whole and in order; that is for other checks.
    """

    def __init__(self, log: Json) -> None:
        self.kind, self.subject, self.records = log["subject_kind"], log["subject"], log["records"]
        self.writers = WRITERS.get(self.kind, {})
        self.by_number = {record["number"]: record for record in self.records}
        self.signed = {number for one in self.records if one["kind"] == "attested" for number in _covers(one)}
        # What the records so far say.
        self.prescriber: Optional[str] = None
        self.transferred, self.enrolled_by = "", ""
        self.offers: List[Json] = []
        self.struck: Set[int] = set()
        self.invitations: Set[Tuple[str, Optional[str]]] = set()
        self.accounts: Set[Tuple[str, str]] = set()
        self.erasure_asked_by: Set[str] = set()
        self.authorized_for: Dict[str, str] = {}

    def problems(self) -> Iterator[Tuple[int, str]]:
        """Every record that the program would not have written, and why."""
        if self.records and self.records[0]["kind"] != FIRST_KIND.get(self.kind):
            yield self.records[0]["number"], "stands before the record that opens the file"
        for place, record in enumerate(self.records):
            try:
                found = [*self._known(record, place), *self._signed(record)]
                if self.kind == "patient":
                    found += [*self._related(record), *self._followed(record)]
                    self._remember(record)
            except (AttributeError, LookupError, TypeError, ValueError):
                found = ["is not of the shape of its kind"]
            for what in found:
                yield record["number"], what

    def _known(self, record: Json, place: int) -> Iterator[str]:
        """Kind, format and role."""
        kind, role, data = record["kind"], record["role"], record["data"]
        if kind not in self.writers:
            yield "is of a kind that the program does not write"
            return
        if not 1 <= record["format"] <= NEWEST_FORMAT.get(kind, 1):
            yield "is in a format that the program does not write"
        opens = self.records[0]["request_id"] == record["request_id"]
        if role not in self.writers[kind] or (role == "officer" and kind in AT_REGISTRATION and not opens):
            yield "is by a role that may not write it"
        if kind in SAYS_ROLE and data.get(SAYS_ROLE[kind]) != role:
            yield "says that it is by another role than its author's"
        if kind == "certified":
            before = self.by_number.get(record["number"] - 1) or record
            if before["kind"] not in CERTIFYING or before["request_id"] != record["request_id"]:
                yield "certifies without an approval, an attestation or a training"
        if place and kind == FIRST_KIND[self.kind]:
            yield "opens a file that is open"
        if (role == "system") != (record["actor"] == SYSTEM):
            yield "is by the program in the name of a person, or the other way round"
        if role in ("officer", "system", "guardian") and record["acting_for"] is not None:
            yield "is by somebody who acts for nobody, and names whom for"
        if role in ("prescriber", "pharmacist") and self.kind != "patient" and record["acting_for"] != self.subject:
            yield "is by somebody who acts for another"

    def _signed(self, record: Json) -> Iterator[str]:
        """What must be signed has a signature; a signature is one of records that its own author wrote with it."""
        if record["kind"] == "attested":
            yield from self._signature(record)
        elif record["kind"] in SIGNED_KINDS and record["number"] not in self.signed:
            if record["at"] >= SIGNED_SINCE.get(record["kind"], ""):
                yield "must be signed, and no signature covers it"
        elif record["kind"] in PDF_NAMED_AS:
            signature = self.by_number.get(record["data"]["signature"])
            if signature is None or signature["kind"] != "attested" or signature["number"] > record["number"]:
                yield "is the signed document of no signature"

    def _signature(self, record: Json) -> Iterator[str]:
        """It covers records of its own request, by its own author, under the text that belongs to them."""
        data = record["data"]
        numbers = sorted(set(_covers(record)) & self.by_number.keys())
        if not numbers or numbers != list(data["covers"]) or numbers[-1] >= record["number"]:
            yield "is a signature of nothing, of what follows it, or of a record twice"
            return
        covered = [self.by_number[number] for number in numbers]
        yield from self._of_its_author(record, covered)
        yield from self._under_its_text(record, covered)

    def _of_its_author(self, record: Json, covered: Sequence[Json]) -> Iterator[str]:
        """What is signed was written with the signature, by whoever signs."""
        for name, what in (
            ("actor", "is a signature by another account than the author's"),
            ("role", "is a signature in another role than the author's"),
            ("acting_for", "is a signature for another than the author acts for"),
            ("request_id", "is a signature of another request's records"),
            ("at", "is a signature of another instant than its records"),
        ):
            if any(one[name] != record[name] for one in covered):
                yield what
        if not any(one["kind"] in SIGNED_KINDS for one in covered):
            yield "is a signature of what nobody signs"

    def _under_its_text(self, record: Json, covered: Sequence[Json]) -> Iterator[str]:
        """The text is that of the records, it was agreed to, and the signature means what it means for them."""
        data = record["data"]
        texts = {
            one["data"].get("document") if one["kind"] == "consent_signed" else SIGNED_BY[one["kind"], one["role"]]
            for one in covered
            if (one["kind"], one["role"]) in SIGNED_BY
        }
        if texts != {data["document"]}:
            yield "is a signature under a text that does not belong to what it covers"
        if not data["answers"] or not all(answer is True for answer in data["answers"].values()):
            yield "is a signature under a text that was not agreed to"
        names = ("document", "version", "language", "sha256", "answers")
        for one in covered:
            if one["kind"] == "consent_signed" and any(one["data"].get(name) != data[name] for name in names):
                yield "is a signature of another text than the consent names"
        consents = any(one["kind"] == "consent_signed" for one in covered)
        meaning = {"patient": "I consent", "guardian": "I confirm as guardian"}.get(record["role"])
        if data["meaning"] != (meaning if consents else "I attest"):
            yield "is a signature with another meaning than its records have"
        if data["means"] not in ("password", "passkey") or not (data.get("sealed") or {}).get("printed_name"):
            yield "is a signature without means, or without a name"
        elif statement_of(record, covered) != data["statement"]:
            yield "what the signature covers is not what was signed"
        elif data["means"] == "passkey" and challenge_of(data["proof"]) != data["statement"]:
            yield "the passkey signed something else"

    # --- a patient's log ----------------------------------------------------------------------
    def _related(self, record: Json) -> Iterator[str]:
        """The author is the patient's prescriber, the patient or a guardian, as far as the log says who that is."""
        role, kind, data, acts_for = record["role"], record["kind"], record["data"], record["acting_for"]
        if role in ("prescriber", "designee"):
            expected = self.prescriber
            if kind == "registered":
                expected = data.get("prescriber")
            elif kind in ("transferred", "file_transferred", "transfer_declined"):
                may = self._takes_back(record) or self._named(record)
                expected = acts_for if may else self._offered_to()
            if expected and acts_for != expected:
                yield "is by a practice whose patient it is not"
            if kind in ("transferred", "file_transferred") and data["prescriber"] != acts_for:
                yield "hands the patient to another than who accepted"
        elif role in ("patient", "guardian"):
            own = (role, record["actor"])
            if kind == "invitation_accepted":
                if (data["invitation"], data.get("guardian")) not in self.invitations:
                    yield "accepts an invitation that was not sent"
                if own != _opened(data):
                    yield "is by another account than it opens"
            elif own not in self.accounts:
                yield "is by an account that no invitation opened"
            if role == "patient" and acts_for != self.subject:
                yield "is by another patient"

    def _offered_to(self) -> str:
        """To whom the patient is offered now. What ended an offer and was struck since has ended none."""
        offered = "nobody"
        for one in self.offers:
            if one["kind"] == "transfer_offered":
                offered = one["data"]["prescriber"]
            elif one["number"] not in self.struck:
                offered = "nobody"
        return offered

    def _takes_back(self, record: Json) -> bool:
        """Whether a prescriber takes back the patient whom another account handed over in their name."""
        given = [one for one in self.offers if one["kind"] == "transfer_offered"][-1:]
        in_their_name = [one for one in given if one["acting_for"] == record["acting_for"]]
        by_another = any(one["actor"] != record["actor"] for one in in_their_name)
        moves = ("transferred", "file_transferred")
        moved = bool(self.offers) and record["kind"] in moves and self.offers[-1]["kind"] in moves
        return moved and by_another

    def _named(self, record: Json) -> bool:
        """Whether `transferred` names, once a course is open, whoever took the file over before it."""
        own, named = record["acting_for"], self.transferred or self.enrolled_by
        return bool(record["kind"] == "transferred" and named != own and self.prescriber == own)

    def _followed(self, record: Json) -> Iterator[str]:
        """Two officers are two; an authorization is its pharmacy's, and decided on what stood before it."""
        kind, data = record["kind"], record["data"]
        if kind == "texts_erased":
            if data["asked_by"] not in self.erasure_asked_by:
                yield "erases what no officer asked to be erased"
            elif data["asked_by"] == record["actor"]:
                yield "erases texts by one officer alone"
        elif kind in ("file_linked", "file_unlinked", "kept_apart"):
            if data.get("asked_by") == record["actor"]:
                yield "is by one officer alone, in the name of two"
        elif kind == "authorized":
            if record["acting_for"] != data["pharmacy"]:
                yield "is an authorization of another pharmacy than the one that asked"
            if data["decided_on"] != record["number"] - 1:
                yield "was decided on something else than the record before it"
            if data["edition"] != record["edition"]:
                yield "names two editions"
            if data["number"] in self.authorized_for:
                yield "has the number of another authorization"
        elif kind in ("dispensed", "reversed"):
            pharmacy = self.authorized_for.get(data["authorization"])
            if pharmacy is None:
                yield "names an authorization that there is not"
            elif record["acting_for"] != pharmacy:
                yield "is by another pharmacy than the one that was authorized"

    def _remember(self, record: Json) -> None:
        """Keep what later records are held against."""
        kind, data = record["kind"], record["data"]
        if kind in ("registered", "enrolled", "transferred", "file_transferred"):
            self.prescriber = data.get("prescriber") or self.prescriber
        if kind == "transferred":
            self.transferred = data["prescriber"]
        elif kind in ("registered", "enrolled"):
            self.enrolled_by = data.get("prescriber") or self.enrolled_by
        if kind == "transfer_offered" or kind in ENDS_AN_OFFER:
            self.offers.append(record)
        elif kind == "entry_struck":
            self.struck.add(data["entry"])
        elif kind == "invited":
            self.invitations.add((data["invitation"], data.get("guardian")))
        elif kind == "invitation_accepted":
            self.accounts.add(_opened(data))
        elif kind == "erasure_asked":
            self.erasure_asked_by.add(record["actor"])
        elif kind == "texts_erased":
            self.erasure_asked_by.clear()
        elif kind == "authorized":
            self.authorized_for.setdefault(data["number"], data["pharmacy"])


def statement_of(record: Json, covered: Sequence[Json]) -> str:
    """The hash of the statement that a signature is of, worked out from the log."""
    data = record["data"]
    statement = {
        "account": record["actor"], "answers": data["answers"], "document": data["document"],
        "key": record["request_id"], "language": data["language"], "meaning": data["meaning"],
        "printed_name": data["sealed"]["printed_name"], "records": [[one["kind"], one["data"]] for one in covered],
        "sha256": data["sha256"], "subject": record["subject"], "version": data["version"],
    }  # fmt: skip
    return sha256(canonical(statement, form_of(record) or 2))


def _covers(signature: Json) -> List[int]:
    """The numbers that a signature covers; none where they are no list."""
    covers = signature["data"].get("covers")
    return [number for number in covers if isinstance(number, int)] if isinstance(covers, list) else []


def _opened(data: Json) -> Tuple[str, str]:
    """The account that an accepted invitation opened, and in which role."""
    return ("patient" if data.get("guardian") is None else "guardian", data["account"])


class Bundle:
    """A bundle, read; every problem found is kept as one sentence."""

    def __init__(self, folder: Path, kept: Sequence[Json], trusted: Set[str], seals: Set[str]) -> None:
        self.folder, self.trusted, self.seals = folder, trusted, seals
        self.problems: List[str] = []
        self.unshown: List[str] = []
        self.notes: List[str] = []
        self.unchecked: List[str] = []
        self.signatures = 0
        self.patient = read(folder / "bundle.json")["patient"]
        loaded = {name: shaped(read(folder / name), members, name) for name, members in FILES.items()}
        self.logs, self.sealed = loaded["records.json"], loaded["sealed.json"]
        self.checkpoints, self.proofs = loaded["checkpoints.json"], loaded["proofs.json"]
        for log in self.logs:
            for record in log["records"]:
                members = {*RECORD_COLUMNS, "hash", *({"canonical_form"} & set(record))}
                shaped([record], members, "records.json")
        self.keys = {row["name"]: bytes.fromhex(row["public"]) for row in loaded["keys.json"]}
        self.kept = {checkpoint["number"]: checkpoint for checkpoint in kept}
        #: The bundle's checkpoints, and before them those that were kept.
        self.chain: Dict[int, Json] = {}

    def wrong(self, sentence: str) -> None:
        """Keep a problem."""
        self.problems.append(sentence)

    # --- records -----------------------------------------------------------------------------
    def check_whole(self, patient: Optional[str]) -> None:
        """The patient's log is there, once, and those of every prescriber and pharmacy that it names."""
        if patient and patient != self.patient:
            self.wrong("this is the bundle of patient %s" % self.patient)
        subjects = [log["subject"] for log in self.logs]
        for subject in sorted({subject for subject in subjects if subjects.count(subject) > 1}):
            self.wrong("%s: there are two logs of it" % subject)
        patient_logs = [log for log in self.logs if log["subject"] == self.patient]
        if not patient_logs or not patient_logs[0]["records"] or patient_logs[0]["subject_kind"] != "patient":
            self.wrong("the log of patient %s is not there" % self.patient)
        named = {self.patient: "patient"}
        for record in [record for log in patient_logs for record in log["records"]]:
            for kind in ("prescriber", "pharmacy"):
                if record["data"].get(kind):
                    named[record["data"][kind]] = kind
        for subject in sorted(named.keys() - {self.patient, *subjects}):
            self.wrong("%s %s: is named in the record, and its log is not there" % (named[subject], subject))
        for log in self.logs:
            if log["subject_kind"] != named.get(log["subject"]) or not log["records"]:
                self.wrong("%s %s: nothing in the record names this log" % (log["subject_kind"], log["subject"]))

    def check_logs(self) -> None:
        """Each log: numbers without a gap, hashes, instants that never go back."""
        for log in self.logs:
            name, previous, last_at = "%s %s" % (log["subject_kind"], log["subject"]), "", ""
            for place, record in enumerate(log["records"], 1):
                where = "%s, record %s" % (name, record["number"])
                if record["number"] != place:
                    self.wrong(where + ": a record before it is missing, or stands in another place")
                if (record["subject"], record["subject_kind"]) != (log["subject"], log["subject_kind"]):
                    self.wrong(where + ": belongs to another log")
                if record["previous_hash"] != previous:
                    self.wrong(where + ": does not carry the hash of the record before it")
                if not form_of(record):
                    self.wrong(where + ": is in a canonical form that is not known")
                elif record["hash"] != hash_of(record):
                    self.wrong(where + ": was changed, its hash is not that of what it says")
                if record["at"] < last_at:
                    self.wrong(where + ": is dated before the record that it follows")
                previous, last_at = record["hash"], record["at"]

    def check_written(self) -> None:
        """Whether the program could have written each record: its kind and role, its signature, its two officers."""
        for log in self.logs:
            for number, what in Written(log).problems():
                self.wrong("%s %s, record %s: %s" % (log["subject_kind"], log["subject"], number, what))

    def records(self) -> List[Json]:
        """Every record of every log."""
        return [record for log in self.logs for record in log["records"]]

    def check_texts(self) -> None:
        """Each erasable text gives its digest and belongs to a record. Only an erasure accounts for a missing one."""
        digests_present = {row["digest"] for row in self.sealed}
        named: Set[str] = set()
        gone = 0
        for log in self.logs:
            for record in log["records"]:
                digests = digests_in(record["data"])
                named |= digests
                gone += sum(self.erased(log, record, "text " + digest) for digest in sorted(digests - digests_present))
        for row in self.sealed:
            salt = bytes.fromhex(row["salt"])
            if len(salt) != 16 or sha256(salt + row["text"].encode()) != row["digest"]:
                self.wrong("a sealed text does not give its digest %s: it was changed" % row["digest"])
            if row["digest"] not in named:
                self.wrong("no record refers to the sealed text %s: it was put there" % row["digest"])
        if gone:
            self.notes.append("%d names or texts were erased; their digests stand in the log." % gone)

    def erased(self, log: Json, record: Json, what: str) -> bool:
        """Whether a later record of the log says that texts were erased: nothing else accounts for what is missing."""
        numbers = [later["number"] for later in log["records"] if later["kind"] == "texts_erased"]
        if record["number"] < max(numbers, default=0):
            return True
        where = "%s, record %s" % (log["subject"], record["number"])
        self.wrong(where + ": the %s is missing, and no erasure accounts for that" % what)
        return False

    def check_documents(self) -> None:
        """Each text that a record names is there, in the very bytes."""
        named = set()
        for record in self.records():
            data = record["data"]
            if "sha256" not in data or "document" not in data:
                continue
            name = "%s-%s-%s.json" % (data["document"], data["version"], data["language"])
            path = self.folder / "documents" / name
            named.add(name)
            where = "%s, record %s" % (record["subject"], record["number"])
            if not path.is_file():
                self.wrong(where + ": the text that was signed, %s, is missing" % name)
            elif sha256(path.read_bytes()) != data["sha256"]:
                self.wrong(where + ": the text %s is not the one that was signed" % name)
        self.check_nothing_else("documents", named)

    def check_nothing_else(self, folder: str, named: Set[str]) -> None:
        """What no record names has no place beside what was signed."""
        files = {path.name for path in (self.folder / folder).glob("*") if not path.name.startswith(".")}
        for name in sorted(files - named):
            self.wrong("no record names the file %s/%s: it was put there" % (folder, name))

    def check_signatures(self) -> None:
        """Count the signatures, and those of passkeys, which are held against their statement and no more."""
        signatures = [record["data"] for record in self.records() if record["kind"] == "attested"]
        self.signatures = len(signatures)
        passkeys = sum(data["means"] == "passkey" for data in signatures)
        if passkeys:
            self.unchecked.append("the own signatures of %d passkeys, for which Python alone has no means" % passkeys)

    # --- checkpoints -------------------------------------------------------------------------
    def check_checkpoints(self) -> None:
        """The chain of checkpoints and every signature; and those that somebody kept outside."""
        bundled = {checkpoint["number"]: checkpoint for checkpoint in self.checkpoints}
        if not bundled:
            self.wrong("there is no checkpoint")
        first, newest = min(bundled, default=1), max(bundled, default=0)
        for number in sorted(set(range(first, newest)) - bundled.keys()):
            self.wrong("checkpoint %s is missing" % number)
        for number, kept in sorted(self.kept.items()):
            where = "checkpoint %s, kept outside" % number
            if number > newest:
                self.wrong(where + ": is newer than every checkpoint of the bundle: the log was cut off or set back")
            elif number in bundled and bundled[number] != kept:
                self.wrong(where + ": differs from the one in the bundle: the log was written anew")
        self.chain = {**{number: kept for number, kept in self.kept.items() if number < first}, **bundled}
        last_at = ""
        for number, checkpoint in sorted(self.chain.items()):
            where, before = "checkpoint %s" % number, self.chain.get(number - 1)
            fits = checkpoint["previous"] == before["hash"] if before else bool(checkpoint["previous"]) == (number > 1)
            if not fits:
                self.wrong(where + ": does not carry the hash of the checkpoint before it")
            if checkpoint["at"] < last_at:
                self.wrong(where + ": is dated before the checkpoint that it follows")
            self.check_signed(checkpoint, where)
            last_at = checkpoint["at"]

    def check_signed(self, checkpoint: Json, where: str) -> None:
        """One checkpoint's hash and signature."""
        signed = canonical({name: checkpoint[name] for name in CHECKPOINT_SIGNED})
        if checkpoint["hash"] != sha256(signed):
            self.wrong(where + ": was changed, its hash is not that of what it says")
        public = self.keys.get(checkpoint["key"])
        if public is None or sha256(public) != checkpoint["key"]:
            self.wrong(where + ": is signed by a key that nobody named")
        elif self.trusted and checkpoint["key"] not in self.trusted:
            self.wrong(where + ": is signed by another key than the program's")
        elif not ed25519_verify(public, signed, bytes.fromhex(checkpoint["signature"])):
            self.wrong(where + ": its signature is false")

    def check_proofs(self) -> None:
        """Each log's end at a checkpoint leads to that checkpoint's root, is on the log, and had all it must have."""
        by_subject = {log["subject"]: log for log in self.logs}
        heads: Dict[str, Dict[int, int]] = {subject: {} for subject in by_subject}
        for proof in self.proofs:
            where = "%s at checkpoint %s" % (proof["subject"], proof["checkpoint"])
            log, checkpoint = by_subject.get(proof["subject"]), self.chain.get(proof["checkpoint"])
            if log is None or checkpoint is None or proof["number"] < 1:
                self.wrong(where + ": is a proof of nothing in this bundle")
                continue
            start, records = leaf_hash(proof["subject"], proof["number"], proof["hash"]), log["records"]
            if climb(start, proof["steps"]).hex() != checkpoint["root"]:
                self.wrong(where + ": does not lead to the checkpoint's root")
            if proof["number"] > len(records):
                self.wrong(where + ": the log had %s records then and has fewer now" % proof["number"])
            elif records[proof["number"] - 1]["hash"] != proof["hash"]:
                self.wrong(where + ": the log said something else then")
            if any(instant(r["at"]) > instant(checkpoint["at"]) + SLACK for r in records[: proof["number"]][-1:]):
                self.wrong(where + ": has records that are dated after it")
            after = records[proof["number"] : proof["number"] + 1]
            if after and instant(after[0]["at"]) < instant(checkpoint["at"]) - SLACK:
                self.wrong(where + ": record %s is dated before it, and was not there" % after[0]["number"])
            heads[proof["subject"]][proof["checkpoint"]] = proof["number"]
        for subject, log in by_subject.items():
            self.check_covered(subject, log["records"], heads[subject])

    def check_covered(self, subject: str, records: Sequence[Json], heads: Dict[int, int]) -> None:
        """A proof at the first checkpoint that must have each record, at the newest, and at each that was kept."""
        numbers = sorted(self.chain)
        instants = [instant(self.chain[number]["at"]) for number in numbers]
        must = {place for record in records for place in [bisect_left(instants, instant(record["at"]) + SLACK)]}
        needed = {numbers[place] for place in must if place < len(numbers)} | set(numbers[-1:])
        for number in sorted(needed - heads.keys()):
            what = "the newest checkpoint" if number == numbers[-1] else "checkpoint %s" % number
            self.wrong("%s: nothing shows that %s has this log" % (subject, what))
        since = [numbers[place] for place in range(min(must, default=0), len(numbers))]
        unproven = [number for number in since if number in self.kept and number not in needed and number not in heads]
        if unproven:
            which = (subject, len(unproven), unproven[0], unproven[-1])
            self.unshown.append("%s at %d of the checkpoints %d to %d, which were kept." % which)
        in_order = [heads[number] for number in sorted(heads)]
        if in_order != sorted(in_order):
            self.wrong("%s: had more records at one checkpoint than at a later one" % subject)
        covered = heads.get(numbers[-1]) if numbers else None
        if covered is not None and covered < len(records):
            self.wrong("%s: no checkpoint has its records %d to %d" % (subject, covered + 1, len(records)))

    def check_signed_pdfs(self) -> None:
        """Each signed document has the log's hash, is sealed as a whole, and says what the log says was signed."""
        named, gone = set(), 0
        for log in self.logs:
            by_number = {record["number"]: record for record in log["records"]}
            for record in log["records"]:
                if record["kind"] not in PDF_NAMED_AS:
                    continue
                path = self.folder / "papers" / (record["data"][PDF_NAMED_AS[record["kind"]]] + ".pdf")
                named.add(path.name)
                if not path.is_file():
                    gone += self.erased(log, record, "signed document " + path.name)
                    continue
                pdf, signature = path.read_bytes(), by_number.get(record["data"]["signature"])
                if sha256(pdf) != record["data"]["sha256"]:
                    self.wrong("the signed document %s was changed" % path.name)
                    continue
                if signature is None:
                    continue  # is named among the records
                covered = [by_number[number] for number in _covers(signature) if number in by_number]
                for what in pdf_problems(pdf, signature, covered, self.seals):
                    self.wrong("the signed document %s: %s" % (path.name, what))
        self.check_nothing_else("papers", named)
        if gone:
            self.notes.append("%d signed documents were erased; their hashes stand in the log." % gone)
        if not self.seals and len(named) > gone:
            self.unchecked.append("that the certificate of the seals is the program's (--seal)")


def digests_in(data: Json) -> Set[str]:
    """The digests of erasable texts that a record names."""
    values = [value for name, value in data.items() if name not in ("sha256", "statement")]
    values += (data.get("sealed") or {}).values()
    return {value for value in values if isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value)}


def challenge_of(proof: Json) -> str:
    """What a passkey was asked to sign, in hex."""
    raw = base64.urlsafe_b64decode(proof["client_data"] + "=" * (-len(proof["client_data"]) % 4))
    challenge = json.loads(raw)["challenge"]
    return base64.urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4)).hex()


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Verify, say what was found; the exit code."""
    parser = argparse.ArgumentParser(description="Verify a bundle that Clearfill exported.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--patient", help="the patient whose record it must be (its id)")
    parser.add_argument("--key", action="append", default=[], help="the program's key as you know it (its name)")
    parser.add_argument("--seal", action="append", default=[], help="SHA-256 of the certificate that seals documents")
    parser.add_argument("--checkpoints", type=Path, help="a folder of checkpoint files that you kept")
    options = parser.parse_args(arguments)
    files = sorted(options.checkpoints.glob("checkpoint-*.json")) if options.checkpoints else []
    if options.checkpoints and not files:
        parser.error("there is no checkpoint file in %s" % options.checkpoints)
    try:
        kept = shaped([read(path) for path in files], CHECKPOINT, "a file of a checkpoint")
        seals = {name.replace(":", "").lower() for name in options.seal}
        trusted = set(options.key) or {checkpoint["key"] for checkpoint in kept}
        bundle = Bundle(options.folder, kept, trusted, seals)
        bundle.check_whole(options.patient)
        bundle.check_logs()
        bundle.check_written()
        bundle.check_texts()
        bundle.check_documents()
        bundle.check_signatures()
        bundle.check_checkpoints()
        bundle.check_proofs()
        bundle.check_signed_pdfs()
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        print("WRONG  a file is missing or not in the form that docs/record-log.md gives: %s" % error)
        print("It is NOT as it was written.")
        return 1
    return say(bundle)


def say(bundle: Bundle) -> int:
    """Print what was found; the exit code."""
    for sentence in bundle.problems:
        print("WRONG  " + sentence)
    for sentence in bundle.unshown:
        print("MISSING  a proof for %s Have it exported with --kept." % sentence)
    for sentence in bundle.notes:
        print("note   " + sentence)
    counts = (len(bundle.records()), len(bundle.logs), bundle.signatures, len(bundle.checkpoints), len(bundle.kept))
    print("%d records in %d logs, %d signatures, %d checkpoints (%d kept outside)." % counts)
    print("Patient %s, signed with the key %s." % (bundle.patient, ", ".join(bundle.keys)))
    if not bundle.trusted:
        bundle.unchecked.append("that this key is the program's (--key)")
    if not bundle.kept:
        bundle.unchecked.append("that nothing was cut off or written anew (--checkpoints)")
    if bundle.unchecked:
        print("Not checked: %s." % "; ".join(bundle.unchecked))
    if bundle.problems or bundle.unshown:
        print("It is NOT as it was written." if bundle.problems else "It is not shown to be as it was written.")
        return 1
    print("It is as it was written." if bundle.trusted else "It agrees with itself; whose it is was not checked.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
