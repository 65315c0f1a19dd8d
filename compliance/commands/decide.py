"""Every decision and every entry about one patient is made here: lock, read, ask the rules, write, project.

All of it is one transaction (see `docs/decisions/`). The row is locked in one statement and the log read
in the next, so that what another committed during the wait is seen. What a key means, `ledger.idempotency` knows.

The order of locks. Every action takes what it needs of this list from top to bottom, so that nobody waits for somebody
who waits for them:

1. the birth date of an enrolment, a held enrolment; then the making and ending of links (`linking.py`)
2. the patient's row; of linked files one that hangs on another, then the oldest
3. what hangs on the patient: an invitation, a guardian, a draft
4. the row of a prescriber or a pharmacy (`certifying.py`), in such a way that rows which point to it do not wait
5. statuses, by the patient's id
6. an account that exists
7. the key: the place of the attempt in its unique index (`ledger.idempotency`), with which every request ends

An action within another one (the link of a held enrolment, the entry of an accepted invitation) has a key that follows
from the other's, or is its new account's. Nobody else comes to that key, so that its attempt waits for nobody.

Work that waits in a table (signed PDFs, messages) is taken by whoever finds it free: for that nobody waits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.roles import OFFICER
from compliance.records.file import File, certified, entries_of, file_of, read_file
from compliance.records.programs import program_of
from compliance.records.status import project
from compliance.rules.history import is_stop
from compliance.rules.records import FORMATS, Record, dump
from ledger import log
from ledger.actor import Actor
from ledger.idempotency import Answer, Request, Result, once
from ledger.log import NewRecord
from ledger.models import ErasableText

from .permissions import Relations, related

PATIENT = "patient"


class NotPermitted(PermissionDenied):
    """This person may not do this to this patient. Nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A patient's row, locked."""

    patient: UUID
    program: str
    relations: Relations
    #: The other files of the same person. Whoever writes to one of them holds the lock on the oldest.
    linked: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of a decision: records to write and the answer, or the codes of a refusal."""

    codes: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    texts: tuple[ErasableText, ...] = ()
    edition: str = ""
    answer: Answer = field(default_factory=dict)
    #: Runs in the same transaction, after the records are written; gets their numbers.
    then: Callable[[list[int]], None] | None = None


NOT_THEIRS = Outcome(codes=("not-permitted",))

Lock = Callable[[], Locked | None]
Work = Callable[[File, datetime], Outcome]
Relation = Callable[[Actor, Locked], bool]

_SELECT_LOCKED = "SELECT id, prescriber_id, user_id, linked_to_id, program FROM patients_patient WHERE {} FOR UPDATE"


def by_id(patient: UUID) -> Lock:
    """Locks the patient with that id."""
    return partial(_lock, "id = %s", [patient])


def by_number(number: str, born_on: date) -> Lock:
    """Locks the patient with that number and birth date: the counter's look-up."""
    return partial(_lock, "number = %s AND born_on = %s", [number, born_on])


def _lock(where: str, values: list[Any]) -> Locked | None:
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_LOCKED.format(where), values)
        row = cursor.fetchone()
    if row is None:
        return None
    patient, prescriber, account, oldest, program = row
    linked = _lock_with_linked(patient, oldest) if oldest else ()
    return Locked(patient=patient, program=program, relations=Relations(prescriber, account), linked=linked)


def _lock_with_linked(patient: UUID, oldest: UUID) -> tuple[UUID, ...]:
    """Locks the oldest of linked files besides one's own, always in that order; the files but one's own."""
    with connection.cursor() as cursor:
        if oldest != patient:
            cursor.execute("SELECT id FROM patients_patient WHERE id = %s FOR UPDATE", [oldest])
        cursor.execute("SELECT id FROM patients_patient WHERE linked_to_id = %s AND id <> %s", [oldest, patient])
        return tuple(row[0] for row in cursor.fetchall())


def _guardians(patient: UUID) -> frozenset[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id FROM patients_guardian WHERE patient_id = %s AND user_id IS NOT NULL", [patient])
        return frozenset(row[0] for row in cursor.fetchall())


def decide(
    request: Request,
    lock: Lock,
    work: Work,
    *,
    pharmacy: UUID | None = None,
    unknown: str = "not-permitted",
    lookup: str = "",
    relation: Relation | None = None,
) -> Answer:
    """Carry `request` out, and give its answer, which holds `codes` (empty: done).

    Raises NotPermitted where the patient is not this person's, KeyReused for a key used with another body.
    `unknown` is the code of the answer when `lock` finds no patient; `lookup` is then kept with the logged request.
    `relation` says, instead of the usual relations, whether the patient is this person's to write about.
    """
    decision = _Decision(
        request=request, work=work, pharmacy=pharmacy, unknown=unknown, lookup=lookup, relation=relation or _related
    )
    answer = once(request, lock, decision)
    if "not-permitted" in answer["codes"]:
        raise NotPermitted
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    """Runs once under the lock: check the relation to the patient, read, do the command's work, write and project."""

    request: Request
    work: Work
    pharmacy: UUID | None
    unknown: str
    lookup: str
    relation: Relation

    def __call__(self, locked: Locked | None) -> Result:
        if locked is None:
            return Result(codes=(self.unknown,), answer={"lookup": self.lookup} if self.lookup else {})
        if not self.relation(self.request.by, locked):
            return Result(codes=NOT_THEIRS.codes, subject=locked.patient)
        file = read_locked(locked, self.request.at, self.pharmacy)
        at = file.earliest(self.request.at)
        outcome = self.work(file, at)
        numbers = write(file, outcome, self.request, at)
        return Result(codes=outcome.codes, answer=outcome.answer, subject=file.patient, records=numbers, at=at)


def is_officer(by: Actor, locked: Locked) -> bool:
    """The relation of what the program office alone does, to any patient."""
    return by.role == OFFICER


def _related(by: Actor, locked: Locked) -> bool:
    relations = locked.relations
    if by.role == "guardian":
        relations = replace(relations, guardians=_guardians(locked.patient))
    if by.role == "prescriber" and relations.prescriber is not None:
        relations = replace(relations, prescribers=_prescribers(relations.prescriber))
    return related(by, locked.patient, relations)


def _prescribers(prescriber: UUID) -> frozenset[UUID]:
    """The accounts of a prescriber and of those who cover now: nobody whom the office has suspended."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_PRESCRIBER_AND_DELEGATES, [prescriber, prescriber])
        return frozenset(row[0] for row in cursor.fetchall())


_SELECT_PRESCRIBER_AND_DELEGATES = """
SELECT user_id FROM patients_prescriber WHERE id = %s UNION ALL
SELECT p.user_id FROM patients_delegate d JOIN patients_prescriber p ON p.id = d.delegate_id
WHERE d.prescriber_id = %s AND d.ended_at IS NULL AND p.state = 'approved'
"""


def read_locked(locked: Locked, at: datetime, pharmacy: UUID | None = None) -> File:
    """The file of a locked patient: one query, in the statement after the lock."""
    prescriber = locked.relations.prescriber
    rows = log.read(*[subject for subject in (locked.patient, prescriber, pharmacy, *locked.linked) if subject])
    return file_of(
        rows, locked.patient, prescriber=prescriber, pharmacy=pharmacy, at=at, linked=locked.linked,
        program=program_of(locked.program),
    )  # fmt: skip


def write(file: File, outcome: Outcome, request: Request, at: datetime) -> list[int]:
    """Append the outcome's records and project the log; the numbers they got."""
    if not outcome.records:
        return []
    drafts = [
        NewRecord(kind=r.kind, data=dump(r), format=FORMATS[r.kind], edition=outcome.edition) for r in outcome.records
    ]
    if outcome.texts:
        ErasableText.objects.bulk_create(outcome.texts)
    written = log.append(PATIENT, file.patient, drafts, head=file.head, by=request.by, at=at, request_id=request.key)
    numbers = [row.number for row in written]
    after = replace(file.followed_by(*entries_of(written)), head=log.head_of(written))
    shared = tuple(record for record in outcome.records if is_stop(record))
    for one in sorted((file.patient, *map(UUID, after.linked))):
        if one == file.patient:
            project(_with_prescriber(after, at), at, outcome.records)
        else:
            project(read_file(one, at), at, shared)
    if outcome.then is not None:
        outcome.then(numbers)
    return numbers


def _with_prescriber(file: File, at: datetime) -> File:
    """The file with the certifications of the prescriber it now has, who may have changed with this record."""
    now = file.history(at).prescriber
    if now is None or now in file.prescribers:
        return file
    return replace(file, prescribers={now: certified(log.read(UUID(now)), at, file.program)})
