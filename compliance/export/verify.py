"""Verify a bundle that Clearfill exported. Needs Python 3.9 or newer and nothing else.

    python verify.py [FOLDER] [--patient ID] [--key NAME] [--checkpoints FOLDER]

FOLDER is the bundle (by default the folder of this file). `--patient` says whose record it must be, `--key` is the name
of the program's key as you know it from elsewhere, `--checkpoints` a folder of checkpoint files that you kept yourself.
Exits 1 if anything is wrong, or not shown. What is checked, and what is not, stands in docs/record-log.md.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
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


class Bundle:
    """A bundle, read; every problem found is kept as one sentence."""

    def __init__(self, folder: Path, kept: Sequence[Json], trusted: Set[str]) -> None:
        self.folder, self.trusted = folder, trusted
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
        """Each signature's statement follows from the log; a passkey signed that very statement."""
        passkeys = 0
        for log in self.logs:
            for record in log["records"]:
                if record["kind"] != "attested":
                    continue
                self.signatures += 1
                where = "%s, record %s" % (record["subject"], record["number"])
                data = record["data"]
                covered = [log["records"][number - 1] for number in data["covers"] if number <= len(log["records"])]
                statement = {
                    "account": record["actor"], "answers": data["answers"], "document": data["document"],
                    "key": record["request_id"], "language": data["language"], "meaning": data["meaning"],
                    "printed_name": data["sealed"]["printed_name"],
                    "records": [[one["kind"], one["data"]] for one in covered],
                    "sha256": data["sha256"], "subject": record["subject"], "version": data["version"],
                }  # fmt: skip
                if sha256(canonical(statement, form_of(record) or 2)) != data["statement"]:
                    self.wrong(where + ": what the signature covers is not what was signed")
                if data["means"] == "passkey":
                    passkeys += 1
                    if challenge_of(data["proof"]) != data["statement"]:
                        self.wrong(where + ": the passkey signed something else")
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
        """The signed documents are those of which the log has the hash; `pdfsig` looks inside where it is installed."""
        tool, named, gone = shutil.which("pdfsig"), set(), 0
        for log in self.logs:
            for record in log["records"]:
                if record["kind"] not in PDF_NAMED_AS:
                    continue
                path = self.folder / "papers" / (record["data"][PDF_NAMED_AS[record["kind"]]] + ".pdf")
                named.add(path.name)
                if not path.is_file():
                    gone += self.erased(log, record, "signed document " + path.name)
                elif sha256(path.read_bytes()) != record["data"]["sha256"]:
                    self.wrong("the signed document %s was changed" % path.name)
                elif tool and not sealed(tool, path):
                    self.wrong("the signed document %s: its seal is broken" % path.name)
        self.check_nothing_else("papers", named)
        if gone:
            self.notes.append("%d signed documents were erased; their hashes stand in the log." % gone)
        if not tool and len(named) > gone:
            self.unchecked.append("the seals inside the signed documents, because pdfsig is not installed")


def digests_in(data: Json) -> Set[str]:
    """The digests of erasable texts that a record names."""
    values = [value for name, value in data.items() if name not in ("sha256", "statement")]
    values += (data.get("sealed") or {}).values()
    return {value for value in values if isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value)}


def sealed(tool: str, path: Path) -> bool:
    """Whether the seal of a PDF is whole."""
    report = subprocess.run([tool, "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    return "Signature is Valid" in report


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
    parser.add_argument("--checkpoints", type=Path, help="a folder of checkpoint files that you kept")
    options = parser.parse_args(arguments)
    files = sorted(options.checkpoints.glob("checkpoint-*.json")) if options.checkpoints else []
    if options.checkpoints and not files:
        parser.error("there is no checkpoint file in %s" % options.checkpoints)
    try:
        kept = shaped([read(path) for path in files], CHECKPOINT, "a file of a checkpoint")
        bundle = Bundle(options.folder, kept, set(options.key) or {checkpoint["key"] for checkpoint in kept})
        bundle.check_whole(options.patient)
        bundle.check_logs()
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
