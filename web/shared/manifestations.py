"""Signature manifestations (21 CFR 11.50): who signed, in print, when, with what meaning, which text, and how."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.records.file import File, entries_of
from compliance.rules.records import Attested, Entry, PdfSealed, names_of
from compliance.signatures import CONFIRM, text_signed
from compliance.words.choices import MEANING, MEANS
from ledger.erasable_text import read_texts
from ledger.log import Row
from ui import times
from ui.navigation import Words

#: Kinds that are shown with the records they belong to, and not as lines of their own.
SHOWN_WITH_OTHERS = names_of(Attested) | names_of(PdfSealed)


@dataclass(frozen=True, slots=True)
class SignatureManifestation:
    """A signature as it is shown wherever the signed record is."""

    number: int
    name: str
    meaning: Words
    at: datetime
    means: Words
    code: str
    title: str
    version: int
    language: str
    sha256: str
    #: The id of the signed PDF, once it is made.
    pdf: str
    #: Whether a guardian signed, who reads the text in words of their own.
    guardian: bool = False

    @property
    def utc(self) -> str:
        """The instant in UTC."""
        return f"{times.utc(self.at)} UTC"


def manifestations_in(file: File) -> dict[int, SignatureManifestation]:
    """Every signature in a file, by the number of each record it covers. One query."""
    result = _by_covered([(file.patient, entry) for entry in file.entries])
    return {number: manifestation for (_subject, number), manifestation in result.items()}


def manifestations_of(rows: Iterable[Row]) -> dict[tuple[UUID, int], SignatureManifestation]:
    """Every signature in these logs, by the subject and the number of each record it covers. One query."""
    ours = [row for row in rows if row.kind in SHOWN_WITH_OTHERS]
    return _by_covered(list(zip((row.subject for row in ours), entries_of(ours), strict=True)))


def _by_covered(entries: list[tuple[UUID, Entry]]) -> dict[tuple[UUID, int], SignatureManifestation]:
    signed_pdfs = {(s, e.record.signature): e.record.pdf for s, e in entries if isinstance(e.record, PdfSealed)}
    signed = [(subject, entry, entry.record) for subject, entry in entries if isinstance(entry.record, Attested)]
    names = read_texts(printed_name_of(record) for _subject, _entry, record in signed)
    manifestations: dict[tuple[UUID, int], SignatureManifestation] = {}
    for subject, entry, record in signed:
        signed_pdf = signed_pdfs.get((subject, entry.number), "")
        manifestation = manifestation_of(
            entry.number, entry.at, record, name=names.get(printed_name_of(record), ""), pdf=signed_pdf
        )
        manifestations |= {(subject, number): manifestation for number in record.covers}
    return manifestations


def printed_name_of(record: Attested) -> str:
    """The digest of a signature's printed name."""
    return (record.sealed or {}).get("printed_name", "")


def manifestation_of(number: int, at: datetime, record: Attested, *, name: str, pdf: str) -> SignatureManifestation:
    """One signature, with its printed name and the id of its signed PDF; either may be empty."""
    return SignatureManifestation(
        number=number,
        name=name,
        meaning=MEANING[record.meaning],
        at=at,
        means=MEANS[record.means],
        code=record.document,
        title=text_signed(record).title,
        version=record.version,
        language=record.language,
        sha256=record.sha256,
        pdf=pdf,
        guardian=record.meaning == CONFIRM,
    )
