"""A patient's file as the rules read it: rows of the record log, turned into entries and certifications."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from compliance.rules import certification, gate
from compliance.rules.assessment import STATUS, Assessment, GateQuestion
from compliance.rules.care.laboratory import SCHEDULED, scheduled_months
from compliance.rules.certification import Spans
from compliance.rules.editions import Program
from compliance.rules.history import History, read
from compliance.rules.outlook import Outlook, what_follows
from compliance.rules.records import FIRST_PROGRAM, EnteredBy, Entry, FileTransferred, Record, Registered, load
from ledger import log
from ledger.log import Head, Row

from .columns import PATIENT_COLUMNS, Columns, NotAsRecorded, contradicted_on_page, ensure_none_contradicted
from .programs import DEFAULT, PROGRAMS, program_of

#: By subject, each in the order of its numbers; one that is missing is empty.
Logs = Mapping[UUID, Sequence[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """All that a decision about one patient reads, as it stood at one moment."""

    patient: UUID
    program: Program
    entries: tuple[Entry, ...]
    head: Head
    prescribers: Mapping[str, Spans]
    #: The certifications of the pharmacy that asks; empty when none does.
    pharmacy: Spans = ()
    #: The entries of the other files of the same person.
    linked: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    #: The last instant in the logs of prescriber and pharmacy, for a decision of now.
    certified_at: datetime | None = None
    #: See `History.laboratory_months`.
    laboratory_months: tuple[int, ...] | None = None
    _histories: dict[datetime, History] = field(default_factory=dict, init=False, compare=False, repr=False)

    def history(self, at: datetime) -> History:
        """What the log means at `at`. Worked out once for each instant."""
        if at not in self._histories:
            history = read(self.program, self.entries, at, self.linked, str(self.patient))
            self._histories[at] = replace(history, laboratory_months=self.laboratory_months)
        return self._histories[at]

    def followed_by(self, *entries: Entry) -> "File":
        """The file with these entries behind its own."""
        return replace(self, entries=(*self.entries, *entries))

    def before(self, number: int) -> "File":
        """The file as it stood before the record of that number."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.number < number))

    def earliest(self, at: datetime) -> datetime:
        """The instant of a decision that is asked for at `at`: before no record that it reads, and alone among linked
        files.

        Two records of linked files never have the same instant, so that their order is certain.
        """
        others = [entries[-1].at + timedelta(microseconds=1) for entries in self.linked.values() if entries]
        return max([at, *others, *(last for last in (self.head.at, self.certified_at) if last is not None)])

    def assess(self, at: datetime, question: GateQuestion = STATUS) -> Assessment:
        """What the log answers at `at`. Raises NoEdition before the first edition."""
        return gate.judge(self.history(at), prescribers=self.prescribers, question=question)

    def assess_with(self, entries: Sequence[Entry], at: datetime) -> Assessment:
        """What the log would answer at `at` with these entries behind its own. Raises NoEdition."""
        return (self.followed_by(*entries) if entries else self).assess(at)

    def outlook(self, records: Sequence[Record], at: datetime) -> Outlook:
        """What would follow of records that are entered at `at`. Raises NoEdition before the first edition."""
        new = [Entry(self.head.number + place, at, record) for place, record in enumerate(records, 1)]
        return what_follows(lambda entries: self.followed_by(*entries).assess(at), new)


def entries_of(rows: Iterable[Row]) -> tuple[Entry, ...]:
    """The rows of one patient's log as entries."""
    return tuple(
        Entry(
            row.number, row.at, load(row.kind, row.format, row.data), EnteredBy(row.actor, row.role, row.acting_for)
        )
        for row in rows
    )  # fmt: skip


def program_in(entries: Iterable[Entry]) -> Program | None:
    """The program of the file with these entries, as its first record says; None while nothing is recorded."""
    opened = next((entry.record for entry in entries if isinstance(entry.record, Registered)), None)
    return program_of(opened.program) if opened is not None else None


def judged_prescriber(file: File, at: datetime) -> UUID | None:
    """The prescriber of whom the gate is asked, where the file has been taken over by another since its last course."""
    if not any(isinstance(entry.record, FileTransferred) for entry in file.entries):
        return None
    judged = file.history(at).prescriber
    return UUID(judged) if judged is not None and judged not in file.prescribers else None


def with_prescribers(file: File, logs: Logs, prescribers: Iterable[UUID], at: datetime) -> File:
    """The file with the certifications of these prescribers too, as known at `at`; their logs are among `logs`."""
    more = {str(one): certified(logs.get(one, ()), at, file.program) for one in prescribers}
    return replace(file, prescribers={**file.prescribers, **more})


def certified(rows: Iterable[Row], at: datetime, program: Program) -> Spans:
    """On which days the prescriber or pharmacy of these rows is certified for a program, as known at `at`."""
    return certification.certified_spans(
        (r.kind, _day(r.data, "first"), _day(r.data, "last"))
        for r in rows
        if r.at <= at and (r.kind != "certified" or r.data.get("program", FIRST_PROGRAM) == program.code)
    )


def laboratory_months(rows: Iterable[Row], at: datetime) -> tuple[int, ...] | None:
    """The months of the laboratory schedule that the practice of these rows set last before `at`; None for none."""
    months = [scheduled_months(row.data) for row in rows if row.kind == SCHEDULED and row.at <= at]
    return months[-1] if months else None


def _day(data: Mapping[str, object], name: str) -> date | None:
    raw = data.get(name)
    return date.fromisoformat(raw) if isinstance(raw, str) else None


def file_of(
    logs: Logs,
    patient: UUID,
    *,
    prescriber: UUID | None,
    pharmacy: UUID | None,
    at: datetime,
    linked: Iterable[UUID] = (),
    program: Program | None = None,
    of_now: bool = False,
    acting: UUID | None = None,
) -> File:
    """The file that these logs (of patient, prescriber, pharmacy and linked files) make up.

    `program` is that of a file in which nothing is recorded yet; any other names its own. `acting` is a prescriber who
    acts although the patient is another's, as who takes the patient over does.
    `of_now`: every certification and suspension counts that stands in the logs, whichever clock dated it.
    """
    own = logs.get(patient, ())
    entries = entries_of(own)
    program = program_in(entries) or program
    assert program is not None, "a file begins with its registration"
    prescribers = [one for one in (prescriber, acting) if one is not None]
    by = (*prescribers, pharmacy)
    certified_at = max((row.at for one in by if one for row in logs.get(one, ())), default=None) if of_now else None
    at = max(at, certified_at) if certified_at else at
    file = File(
        patient=patient,
        program=program,
        entries=entries,
        head=log.head_of(own),
        prescribers={},
        pharmacy=certified(logs.get(pharmacy, ()), at, program) if pharmacy else (),
        linked={str(other): entries_of(logs.get(other, ())) for other in linked},
        certified_at=certified_at,
        laboratory_months=laboratory_months(logs.get(prescriber, ()), at) if prescriber else None,
    )
    return with_prescribers(file, logs, prescribers, at)


#: A patient, and the pharmacy that asks.
_Question = tuple[UUID, UUID | None]


def read_file(patient: UUID, at: datetime, *, pharmacy: UUID | None = None, of_now: bool = False) -> File:
    """The file of one patient, without a lock: for pages. Two queries. `of_now`: see `file_of`.

    Raises NotAsRecorded.
    """
    ((file, wrong),) = _read([(patient, pharmacy)], at, of_now=of_now).values()
    ensure_none_contradicted(patient, wrong)
    return file


@dataclass(frozen=True, slots=True)
class _Around:
    """The row of a patient, and the files that it is linked with."""

    row: Columns
    linked: tuple[UUID, ...]

    @property
    def subjects(self) -> set[UUID]:
        """Whose logs the file reads besides its own."""
        return {subject for subject in (self.row["prescriber_id"], *self.linked) if subject is not None}


_SELECT_AROUND = f"""
SELECT id, ARRAY(SELECT other.id FROM patients_patient other
    WHERE other.linked_to_id = own.linked_to_id AND other.id <> own.id), {", ".join(PATIENT_COLUMNS)}
FROM patients_patient own WHERE id = ANY(%s)
"""


def _read_around(patients: Iterable[UUID]) -> dict[UUID, _Around]:
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_AROUND, [list(patients)])
        return {
            patient: _Around(dict(zip(PATIENT_COLUMNS, row, strict=True)), tuple(linked))
            for patient, linked, *row in cursor.fetchall()
        }


def read_files(questions: Collection[tuple[UUID, UUID]], at: datetime) -> dict[tuple[UUID, UUID], File]:
    """The files of now of these patients, each with a pharmacy that asks, without a lock: for lists. Two queries.

    One that columns contradict is left out, with a fault for the operator: it keeps no other from the list.
    """
    files: dict[tuple[UUID, UUID], File] = {}
    found = _read(questions, at, of_now=True) if questions else {}
    for patient, pharmacy in questions:
        file, wrong = found[patient, pharmacy]
        with suppress(NotAsRecorded):
            ensure_none_contradicted(patient, wrong)
            files[patient, pharmacy] = file
    return files


def read_files_of(patients: Collection[UUID], at: datetime) -> dict[UUID, File]:
    """The files of these patients as `read_file` has each, two queries for all; none that columns contradict."""
    files: dict[UUID, File] = {}
    found = _read([(patient, None) for patient in patients], at, of_now=False) if patients else {}
    for (patient, _pharmacy), (file, wrong) in found.items():
        with suppress(NotAsRecorded):
            ensure_none_contradicted(patient, wrong)
            files[patient] = file
    return files


def _read(questions: Collection[_Question], at: datetime, *, of_now: bool) -> dict[_Question, tuple[File, list[str]]]:
    """Each file, and the columns that contradict its log.

    Rows and logs are read one after the other. Where they contradict each other, a record may have come in between:
    those are read once more.
    """
    found = _read_once(questions, at, of_now=of_now)
    contradicted = [question for question, (_file, wrong) in found.items() if wrong]
    return found | _read_once(contradicted, at, of_now=of_now) if contradicted else found


def _read_once(
    questions: Collection[_Question], at: datetime, *, of_now: bool
) -> dict[_Question, tuple[File, list[str]]]:
    around = _read_around(patient for patient, _pharmacy in questions)
    subjects = {one for question in questions for one in question if one is not None}
    subjects = subjects.union(*(one.subjects for one in around.values()))
    logs = log.by_subject(log.read(*subjects))
    result: dict[_Question, tuple[File, list[str]]] = {}
    for patient, pharmacy in questions:
        own = around.get(patient)
        file = file_of(
            logs, patient, pharmacy=pharmacy, at=at, linked=own.linked if own else (), of_now=of_now,
            prescriber=own.row["prescriber_id"] if own else None,
            program=PROGRAMS.get(own.row["program"]) if own else DEFAULT,
        )  # fmt: skip
        wrong = contradicted_on_page(file.entries, row=own.row, linked=own.linked) if own else []
        result[patient, pharmacy] = file, wrong
    return _with_judged(result, at)


def _with_judged(
    found: dict[_Question, tuple[File, list[str]]], at: datetime
) -> dict[_Question, tuple[File, list[str]]]:
    """Each with the prescriber whom the gate judges; another query, for files taken over between two courses alone."""
    judged = {question: judged_prescriber(file, at) for question, (file, _wrong) in found.items()}
    wanted = {one for one in judged.values() if one is not None}
    if not wanted:
        return found
    logs = log.by_subject(log.read(*wanted))
    return {
        question: (with_prescribers(file, logs, [one], at) if (one := judged[question]) else file, wrong)
        for question, (file, wrong) in found.items()
    }
