"""Refresh stored statuses from the log, under the patients' locks: one, or a batch of those that are due.

A batch takes a fixed number of statements. It waits for nobody: a patient whom, or whose prescriber, somebody else has
locked is left to them, or to the next sweep. So several sweeps share the work without knowing of each other. Its locks
follow the order in `decide`: patients, the oldest of their linked files, prescribers (shared), statuses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from compliance.commands.decide import by_id, read_locked
from compliance.records.columns import PATIENT_COLUMNS, Columns, ensure_as_recorded
from compliance.records.file import File, Logs, file_of, judged_prescriber, with_prescribers
from compliance.records.programs import PROGRAMS
from compliance.records.status import Projection, project, projection_of, write_projections
from ledger import clock, log


def refresh_status(patient: UUID, at: datetime, *, whole: bool = False) -> bool:
    """Project one patient as of `at`; `whole`: also what only a record changes."""
    with transaction.atomic():
        locked = by_id(patient)()
        if locked is None:
            return False
        at = clock.after_wait(at)
        file = read_locked(locked, at)
        project(file, file.earliest(at), whole=whole)
    return True


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place among the statuses that are due, in the order in which they are refreshed."""

    due_at: datetime
    patient: UUID


#: Before all of them.
FIRST = Place(datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What became of a batch."""

    #: The last place that it looked at; None where nothing more is due.
    last: Place | None
    refreshed: int = 0
    #: Those that could not be worked out, with the kind of error.
    failed: Mapping[UUID, str]


class BatchRefused(Exception):
    """The database took none of a batch because of one in it: it is done once more, one by one."""

    def __init__(self, last: Place, patients: Sequence[UUID], error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.last, self.patients, self.error = last, tuple(patients), error


def refresh_due(at: datetime, *, after: Place, limit: int) -> Batch:
    """Refresh so many of the statuses that are due at `at`, from the place `after` on, in one transaction.

    Who cannot be worked out keeps nobody else of the batch. Raises BatchRefused where the writing fails.
    """
    with transaction.atomic():
        due = _lock_due(at, after, limit)
        if not due:
            return Batch(last=None, failed={})
        last = due[-1].place
        at = clock.after_wait(at)
        files = _Files(_share_prescribers(_lock_linked(due)), at)
        try:
            write_projections(files.projections, at)
        except Exception as error:
            raise BatchRefused(last, [one.patient for one in due], error) from error
    return Batch(last=last, refreshed=len(files.projections), failed=files.failed)


@dataclass(frozen=True, slots=True)
class _Due:
    """A patient whose status is due, locked."""

    place: Place
    row: Columns
    oldest: UUID | None
    #: The other files of the same person, each with its prescriber, with the oldest of them locked.
    others: Mapping[UUID, UUID | None] = field(default_factory=dict)

    @property
    def patient(self) -> UUID:
        return self.place.patient

    @property
    def linked(self) -> tuple[UUID, ...]:
        return tuple(self.others)

    @property
    def prescribers(self) -> set[UUID]:
        """Of this file and of those that it is linked with."""
        return {one for one in (self.row["prescriber_id"], *self.others.values()) if one is not None}


_LOCK_DUE = f"""
SELECT s.next_due_at, s.patient_id, p.linked_to_id, {", ".join(f"p.{name}" for name in PATIENT_COLUMNS)}
FROM compliance_patientstatus s JOIN patients_patient p ON p.id = s.patient_id
WHERE s.next_due_at <= %(at)s AND (s.next_due_at, s.patient_id) > (%(due_at)s, %(patient)s)
ORDER BY s.next_due_at, s.patient_id LIMIT %(limit)s FOR UPDATE OF p SKIP LOCKED
"""


def _lock_due(at: datetime, after: Place, limit: int) -> list[_Due]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_DUE, {"at": at, "due_at": after.due_at, "patient": after.patient, "limit": limit})
        return [
            _Due(Place(due_at, patient), dict(zip(PATIENT_COLUMNS, row, strict=True)), oldest)
            for due_at, patient, oldest, *row in cursor.fetchall()
        ]


#: Nobody joins or leaves the files of one person while one of them is locked.
_LOCK_OLDEST = """
WITH oldest AS MATERIALIZED (SELECT id FROM patients_patient WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED)
SELECT linked_to_id, id, prescriber_id FROM patients_patient WHERE linked_to_id IN (SELECT id FROM oldest)
"""


def _lock_linked(due: Sequence[_Due]) -> list[_Due]:
    """Those of whom the oldest of their linked files could be locked too, with these files."""
    groups: dict[UUID, dict[UUID, UUID | None]] = {}
    if any(one.oldest for one in due):
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_OLDEST, [[one.oldest for one in due if one.oldest]])
            for oldest, file, prescriber in cursor.fetchall():
                groups.setdefault(oldest, {})[file] = prescriber
    return [
        replace(one, others={f: p for f, p in groups[one.oldest].items() if f != one.patient}) if one.oldest else one
        for one in due
        if one.oldest is None or one.oldest in groups
    ]


_SHARE_PRESCRIBERS = "SELECT id FROM patients_prescriber WHERE id = ANY(%s) ORDER BY id FOR SHARE SKIP LOCKED"


def _share_prescribers(due: Sequence[_Due]) -> list[_Due]:
    """Those whose prescribers' rows nobody writes beside: they stand still from here on."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARE_PRESCRIBERS, [list({prescriber for one in due for prescriber in one.prescribers})])
        shared = {prescriber for (prescriber,) in cursor.fetchall()}
    return [one for one in due if one.prescribers <= shared]


class _Files:
    """The files of a batch, read by one query after the locks, and what follows of each."""

    def __init__(self, due: Sequence[_Due], at: datetime) -> None:
        self.failed: dict[UUID, str] = {}
        self.projections: list[Projection] = []
        subjects = {
            subject for one in due for subject in (one.patient, *one.linked, one.row["prescriber_id"]) if subject
        }
        self._logs = log.by_subject(log.read(*subjects))
        files = {one.patient: file for one in due if (file := self._tried(one.patient, self._file, one, at))}
        judged = {p: self._tried(p, judged_prescriber, file, file.earliest(at)) for p, file in files.items()}
        # Another query, where files were taken over between two courses alone.
        wanted = {one for one in judged.values() if one is not None}
        logs = log.by_subject(log.read(*wanted) if wanted else [])
        for patient, file in files.items():
            projection = self._tried(patient, _projection, file, judged[patient], logs, at)
            if projection is not None:
                self.projections.append(projection)

    def _tried(self, patient: UUID, work: Any, *values: Any) -> Any:
        """What the work gives for this patient, which asks the database nothing; None where it fails."""
        try:
            return work(*values)
        except Exception as error:
            self.failed[patient] = type(error).__name__
            return None

    def _file(self, one: _Due, at: datetime) -> File:
        """The file as `decide.read_locked` has it. Raises NotAsRecorded."""
        prescriber = one.row["prescriber_id"]
        file = file_of(
            self._logs, one.patient, prescriber=prescriber, pharmacy=None, at=at, linked=one.linked,
            program=PROGRAMS.get(one.row["program"]), of_now=True,
        )  # fmt: skip
        ensure_as_recorded(file.patient, file.entries, row=one.row, linked=one.linked)
        return file


def _projection(file: File, judged: UUID | None, logs: Logs, at: datetime) -> Projection:
    """What follows of a file by the certifications of the prescriber whom the gate judges."""
    if judged is not None:
        file = with_prescribers(file, logs, [judged], file.earliest(at))
    return projection_of(file, file.earliest(at))


#: Minutes for which a status that could not be refreshed is put off, by how often in a row; the last one repeats.
PAUSES = (1, 5, 15, 60, 240, 1440)

#: In one order, as everybody locks statuses.
_PUT_OFF = """
WITH failing AS (SELECT patient_id FROM compliance_patientstatus WHERE patient_id = ANY(%(patients)s)
    ORDER BY patient_id FOR UPDATE)
UPDATE compliance_patientstatus SET failures = least(failures + 1, 32767), next_due_at = %(at)s
    + make_interval(mins => (%(pauses)s::int[])[least(failures + 1, cardinality(%(pauses)s::int[]))])
WHERE patient_id IN (SELECT patient_id FROM failing)
"""


def put_off(patients: Iterable[UUID], at: datetime) -> None:
    """Note that these could not be refreshed, and try each of them again later, each time after a longer pause."""
    if failing := list(patients):
        with connection.cursor() as cursor:
            cursor.execute(_PUT_OFF, {"patients": failing, "at": at, "pauses": list(PAUSES)})


#: Before and behind the names of a program's editions as they are now: two looks into an index, which find nothing but
#: after a release. A status that was marked names no editions.
_MARK_OUTDATED = """
WITH outdated AS (
    (SELECT patient_id FROM compliance_patientstatus
        WHERE program = %(program)s AND editions > '' AND editions < %(editions)s LIMIT %(limit)s)
    UNION ALL
    (SELECT patient_id FROM compliance_patientstatus
        WHERE program = %(program)s AND editions > %(editions)s LIMIT %(limit)s)
), locked AS (
    SELECT patient_id FROM compliance_patientstatus WHERE patient_id IN (SELECT patient_id FROM outdated)
    ORDER BY patient_id FOR UPDATE SKIP LOCKED
)
UPDATE compliance_patientstatus SET editions = '', next_due_at = least(next_due_at, %(at)s)
WHERE patient_id IN (SELECT patient_id FROM locked)
"""


#: An index finds none of them but where a clock ran ahead. What was due in between may never have been looked at.
_MARK_ASSESSED_AHEAD = """
WITH ahead AS (
    SELECT patient_id FROM compliance_patientstatus WHERE assessed_at > %(latest)s LIMIT %(limit)s
), locked AS (
    SELECT patient_id FROM compliance_patientstatus WHERE patient_id IN (SELECT patient_id FROM ahead)
    ORDER BY patient_id FOR UPDATE SKIP LOCKED
)
UPDATE compliance_patientstatus SET next_due_at = least(next_due_at, %(at)s)
WHERE patient_id IN (SELECT patient_id FROM locked)
"""


def mark_assessed_ahead(at: datetime, *, limit: int) -> int:
    """Make so many statuses due that a clock which ran ahead has worked out for a later instant; how many were."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_ASSESSED_AHEAD, {"at": at, "latest": at + 2 * clock.TOLERANCE, "limit": limit})
        return int(cursor.rowcount)


def mark_outdated(program: str, editions: str, at: datetime, *, limit: int) -> int:
    """Make so many statuses of a program due that were worked out with other editions; how many were."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_OUTDATED, {"program": program, "editions": editions, "at": at, "limit": limit})
        return int(cursor.rowcount)
