"""A patient's file as the rules read it: rows of the record log, turned into entries and certifications."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db import connection

from compliance.rules import certification, gate
from compliance.rules.certification import Spans
from compliance.rules.gate import STATUS, Assessment, Question
from compliance.rules.history import History, read
from compliance.rules.isotretinoin import ISOTRETINOIN_US
from compliance.rules.records import Entry, load
from ledger import log
from ledger.log import Head, Row

#: The program that this installation serves.
PROGRAM = ISOTRETINOIN_US


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """All that a decision about one patient reads, as it stood at one moment."""

    patient: UUID
    entries: tuple[Entry, ...]
    head: Head
    prescribers: Mapping[str, Spans]
    #: The certifications of the pharmacy that asks; empty when none does.
    pharmacy: Spans = ()

    def history(self, at: datetime) -> History:
        """What the log means at `at`."""
        return read(PROGRAM, self.entries, at)

    def assess(self, at: datetime, question: Question = STATUS) -> Assessment:
        """What the log answers at `at`. Raises NoEdition before the first edition."""
        return gate.judge(self.history(at), prescribers=self.prescribers, question=question)


def entries_of(rows: Iterable[Row]) -> tuple[Entry, ...]:
    """The rows of one patient's log as entries."""
    return tuple(Entry(row.number, row.at.astimezone(UTC), load(row.kind, row.format, row.data)) for row in rows)


def certified(rows: Iterable[Row], at: datetime) -> Spans:
    """On which days the prescriber or pharmacy of these rows is certified, as known at `at`."""
    return certification.standing((r.kind, _day(r.data, "first"), _day(r.data, "last")) for r in rows if r.at <= at)


def _day(data: Mapping[str, object], name: str) -> date | None:
    raw = data.get(name)
    return date.fromisoformat(raw) if isinstance(raw, str) else None


def file_of(
    rows: Sequence[Row], patient: UUID, *, prescriber: UUID | None, pharmacy: UUID | None, at: datetime
) -> File:
    """The file that these rows (of patient, prescriber and pharmacy, in any order) make up."""
    own = [row for row in rows if row.subject == patient]
    spans = {str(prescriber): certified((r for r in rows if r.subject == prescriber), at)} if prescriber else {}
    return File(
        patient=patient,
        entries=entries_of(own),
        head=log.head_of(own),
        prescribers=spans,
        pharmacy=certified((r for r in rows if r.subject == pharmacy), at) if pharmacy else (),
    )


def read_file(patient: UUID, at: datetime, *, pharmacy: UUID | None = None) -> File:
    """The file of one patient, without a lock: for pages. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prescriber_id FROM patients_patient WHERE id = %s", [patient])
        found = cursor.fetchone()
    prescriber = found[0] if found else None
    rows = log.read(*[subject for subject in (patient, prescriber, pharmacy) if subject])
    return file_of(rows, patient, prescriber=prescriber, pharmacy=pharmacy, at=at)
