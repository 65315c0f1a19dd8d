"""Which signatures stand, and which are missing (rules, sections 3 and 5.1)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from . import days
from .editions import Edition
from .history import History
from .records import CategoryChanged, ConsentRefused, ConsentSigned, ConsentWithdrawn, Enrolled, Entry
from .refusals import Refusal

#: How the code of a guardian's missing signature begins; the document follows.
GUARDIAN_MISSING = "guardian-signature-missing:"

#: The state of one signer's signature on one document. `said-no-later`: signed, and the signature stands, but no was
#: said since. `not-asked`: a guardian's signature that the patient's age makes needless. `of-age`: signed under age,
#: without the guardian who was asked; of age since, the patient signs anew.
SIGNATURE_STATES = ("unsigned", "refused", "withdrawn", "outdated", "of-age", "signed", "said-no-later", "not-asked")


@dataclass(frozen=True, slots=True)
class SignatureState:
    """The state of one signer's signature on one document, and the record that says so; the signature, while one
    stands."""

    state: str
    entry: Entry | None = None
    signature: Entry | None = None

    @property
    def missing(self) -> bool:
        """Whether this signer has something to read and sign."""
        return self.state in ("unsigned", "refused", "withdrawn", "outdated", "of-age")


@dataclass(frozen=True, slots=True)
class Signatures:
    """The valid signatures on one document, the latest of each signer."""

    patient: Entry | None
    guardian: Entry | None

    @property
    def any(self) -> bool:
        """Whether one stands, by anyone."""
        return self.patient is not None or self.guardian is not None


def valid_signatures(history: History, document: str) -> Signatures:
    """The signatures on `document` given in this course and not withdrawn since."""
    latest: dict[str, Entry | None] = {"patient": None, "guardian": None}
    for entry in _of_course(history):
        record = entry.record
        if isinstance(record, ConsentSigned) and record.document == document:
            latest[record.signer] = entry
        elif isinstance(record, ConsentWithdrawn) and record.document == document:
            latest = {"patient": None, "guardian": None}
    return Signatures(latest["patient"], latest["guardian"])


def signed_as_minor(history: History, signed_at: datetime) -> bool:
    """Whether the patient was under age on the day of `signed_at`, by the birth date as it is known now."""
    born_on = history.born_on
    if born_on is None:
        return True
    return history.day_of(signed_at) < days.birthday(born_on, history.program.adult_age)


def is_minor(history: History) -> bool:
    """Whether the patient is under age on the day of the question; one whose birth date is not known is."""
    return signed_as_minor(history, history.at)


def missing(history: History, edition: Edition) -> list[str]:
    """The blockers' codes for what the category signs, document by document.

    A signature on a version that is too old for `edition` is none here; it stands otherwise.
    """
    if history.course is None:
        return []
    codes = []
    for document in history.course.category.documents:
        signatures = valid_signatures(history, document)
        least = history.program.least_version(document, history.day, edition)
        patient, guardian = (_new_enough(entry, least) for entry in (signatures.patient, signatures.guardian))
        if patient is None:
            codes.append(f"consent-missing:{document}")
        elif guardian is None and signed_as_minor(history, patient.at):
            codes.append(f"{GUARDIAN_MISSING}{document}")
    return codes


def signature_state(history: History, edition: Edition, document: str, signer: str) -> SignatureState:
    """The state of the signature of `signer` (patient or guardian) on `document` in the open course.

    Agrees with `missing`: a patient has something to sign exactly where the gate asks for it.
    """
    latest, signature = _latest_of(history, document, signer)
    no = latest is not None and isinstance(latest.record, ConsentRefused)
    if _new_enough(signature, history.program.least_version(document, history.day, edition)):
        if signer == "patient" and _signs_anew(history, edition, document):
            return SignatureState("refused" if no else "of-age", latest, signature)
        return SignatureState("said-no-later" if no else "signed", latest, signature)
    if signer == "guardian" and not is_minor(history):
        return SignatureState("not-asked", latest, signature)
    if no:
        return SignatureState("refused", latest, signature)
    if signature is not None:
        return SignatureState("outdated", signature, signature)
    return SignatureState("withdrawn" if latest else "unsigned", latest)


def _signs_anew(history: History, edition: Edition, document: str) -> bool:
    """Whether a guardian's signature is missing under one that was given under age, and the patient is of age now."""
    return not is_minor(history) and f"{GUARDIAN_MISSING}{document}" in missing(history, edition)


def _latest_of(history: History, document: str, signer: str) -> tuple[Entry | None, Entry | None]:
    """The latest record by which `signer` stands where they do, and their signature while it stands.

    A withdrawal takes every signature back, whoever gave it; to one who had not signed it changes nothing.
    """
    latest: Entry | None = None
    signature: Entry | None = None
    for entry in _of_course(history):
        record = entry.record
        if isinstance(record, ConsentWithdrawn) and record.document == document and signature is not None:
            latest, signature = entry, None
        elif not isinstance(record, (ConsentSigned, ConsentRefused)):
            continue
        elif (record.document, record.signer) == (document, signer):
            latest = entry
            signature = entry if isinstance(record, ConsentSigned) else signature
    return latest, signature


def asked_since(history: History, document: str) -> int | None:
    """The number of the record since which this course has asked for `document` without a break; None: it does not."""
    since: int | None = None
    for entry in _of_course(history):
        if isinstance(entry.record, (Enrolled, CategoryChanged)):
            is_required = document in history.program.categories[entry.record.category].documents
            since = (since or entry.number) if is_required else None
    return since


def _of_course(history: History) -> tuple[Entry, ...]:
    """The records of the course that is open."""
    course = history.course
    return tuple(e for e in history.entries if e.at >= course.opened.at) if course else ()


def _new_enough(entry: Entry | None, least: int) -> Entry | None:
    """The signature, if it is on that version or a later one. One that names no version is on the first."""
    if entry is None or not isinstance(entry.record, ConsentSigned):
        return None
    return entry if (entry.record.version or 1) >= least else None


def answers_refusal(items: Collection[str], answers: Mapping[str, object]) -> Refusal | None:
    """Why these answers to a document's items are no signature: one is unanswered, or not agreed to."""
    return next((Refusal(item, "item-not-agreed") for item in items if answers.get(item) is not True), None)
