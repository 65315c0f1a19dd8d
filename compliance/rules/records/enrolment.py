"""Records of a patient's joining: enrolment, category, consent and its proof, comprehension."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..fields import listed, number, numbers, plain, text
from ..record import Record

SIGNERS = ("patient", "guardian")


@dataclass(frozen=True, slots=True)
class Enrolled(Record):
    """A course of treatment begins."""

    kind = "enrolled"
    readers = {"category": text, "reason": text, "proof": plain, "prescriber": text}
    category: str
    reason: str | None = None
    proof: Mapping[str, str] | None = None
    prescriber: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryChanged(Record):
    """The patient belongs to the other category from now on."""

    kind = "category_changed"
    readers = {"category": text, "reason": text, "proof": plain}
    category: str
    reason: str
    proof: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ConsentSigned(Record):
    """A document was agreed to: which text exactly, and every answer. The signature on it is the `attested` behind."""

    kind = "consent_signed"
    readers = {
        "document": text, "signer": listed(*SIGNERS), "answers": plain, "version": number, "language": text,
        "sha256": text, "guardian": text,
    }  # fmt: skip
    document: str
    signer: str
    answers: Mapping[str, bool] | None = None
    version: int | None = None
    language: str | None = None
    sha256: str | None = None
    guardian: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentRefused(Record):
    """A document was read and not signed, and its signer says so. It asks for nothing and blocks nothing."""

    kind = "consent_refused"
    readers = {"document": text, "signer": listed(*SIGNERS)}
    document: str
    signer: str


@dataclass(frozen=True, slots=True)
class Attested(Record):
    """A signature on the records whose numbers it covers: which text, every answer, what it means, by which means.

    `statement` is the SHA-256 of all that was signed (see `docs/record-log.md`); `local_time` is the program's clock.
    `proof` is what the signer's passkey answered, where it was a passkey. `browser` marks the browser in which it was
    given, for this file and day alone: two signatures of one day with the same mark come from one browser.
    """

    kind = "attested"
    readers = {
        "document": text, "version": number, "language": text, "sha256": text, "answers": plain, "meaning": text,
        "means": text, "statement": text, "local_time": text, "covers": numbers, "proof": plain, "sealed": plain,
        "browser": text,
    }  # fmt: skip
    document: str
    version: int
    language: str
    sha256: str
    answers: Mapping[str, bool]
    meaning: str
    means: str
    statement: str
    local_time: str
    covers: tuple[int, ...]
    proof: Mapping[str, str] | None = None
    sealed: Mapping[str, str] | None = None
    browser: str | None = None


@dataclass(frozen=True, slots=True)
class PdfSealed(Record):
    """The PDF of a signature was made and sealed, once: of which record, and the SHA-256 of its bytes."""

    kind = "pdf_sealed"
    readers = {"signature": number, "pdf": text, "sha256": text}
    signature: int
    pdf: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn(Record):
    """Every valid signature on this document is taken back."""

    kind = "consent_withdrawn"
    readers = {"document": text}
    document: str


@dataclass(frozen=True, slots=True)
class ComprehensionPassed(Record):
    """The patient answered the month's questions."""

    kind = "comprehension_passed"
    readers = {"questions": plain, "version": number, "language": text}
    questions: Mapping[str, str] | None = None
    version: int | None = None
    language: str | None = None
