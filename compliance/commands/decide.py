"""Every decision and every entry about one patient is made here: lock, read, ask the rules, write, project.

All of it is one transaction (see `docs/decisions/`). The row is locked in one statement and the log read
in the next, so that what another committed during the wait is seen. What a key means, `ledger.idempotency` knows.

The order of locks. Every action takes what it needs of this list from top to bottom, so that nobody waits for somebody
who waits for them:

1. who people are (`identity.py`), a held enrolment; then the making and ending of links (`linking.py`)
2. the patient's row; of linked files one that hangs on another, then the oldest
3. what hangs on the patient: an invitation, a guardian, a draft
4. the row of a prescriber or a pharmacy. Who writes to its log locks it (`certifying.py`), in such a way that rows
   which point to it do not wait. Who decides or enters by that log shares it (`RowLock`), in one statement with 2: of
   the prescribers of the files and of who acts, by id, then of the pharmacy, then of the account of who acts
5. statuses, by the patient's id
6. an account that exists. Who acts on another's shares their own (`accounts.events.lock_by`): of both, by id;
   its places, while one is added (a trigger of the database)
7. the key: the place of the attempt in its unique index (`ledger.idempotency`), with which every request ends

Whoever has locked (and not shared) a row of 4 takes nothing of 1 to 3 after it; whoever has locked an account, nothing
of 1 to 5.

The instant of a request is taken after its last lock (`Request.waited`), and lies after what it read. So the order
between two logs is the order of their instants: a suspension that waited for a decision is dated after it
(`order.py`), and a decision that waited for a suspension sees it, and is dated no earlier.

An action within another one (the link of a held enrolment, the entry of an accepted invitation) has a key that follows
from the other's, or is its new account's. Nobody else comes to that key, so that its attempt waits for nobody.

Work that waits in a table (signed PDFs, messages) is taken by whoever finds it free: for that nobody waits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.events import is_open, still_open
from accounts.roles import GUARDIAN, OFFICER, PRESCRIBER, STAFF
from compliance.records.columns import PATIENT_COLUMNS, Columns, ensure_as_recorded
from compliance.records.file import (
    File,
    certified,
    entries_of,
    file_of,
    judged_prescriber,
    read_file,
    with_prescribers,
)
from compliance.records.programs import PROGRAMS
from compliance.records.status import project
from compliance.rules.history import is_stop
from compliance.rules.records import FORMATS, FileTransferred, Record, TransferOffered, Transferred, dump
from ledger import log
from ledger.actor import Actor
from ledger.idempotency import Answer, NoLongerTheirs, Request, Result, once
from ledger.log import NewRecord
from ledger.models import ErasableText

from . import stops
from .permissions import Relations, related

PATIENT = "patient"


class NotPermitted(PermissionDenied):
    """This person may not do this to this patient. Nothing was done."""


class OwnFile(NotPermitted):
    """The file is their own, or of somebody whose guardian they are; or of the prescriber to whom it would go.

    Nobody acts on both sides. Nothing was done.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A patient's row, locked."""

    patient: UUID
    program: str
    relations: Relations
    #: The row's columns that the log decides. What they say is compared with the log before anything is decided.
    row: Columns
    #: The other files of the same person. Whoever writes to one of them holds the lock on the oldest.
    linked: tuple[UUID, ...] = ()
    #: Whether the account of who acts is open.
    is_open: bool = True
    #: Whether who acts is the patient or a guardian of this file, or of one that is linked with it.
    is_own: bool = False
    #: The accounts of the guardians' rows, where a guardian acts.
    guardians: Mapping[UUID, UUID | None] | None = None


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
_OWN_FILE = "own-file"

Lock = Callable[[], Locked | None]
Work = Callable[[File, datetime], Outcome]
Relation = Callable[[Actor, Locked], bool]

#: The rows that stand still with the patient's until the end of the transaction, and that others may share.
_SHARED = """
prescribers AS (
    SELECT id FROM patients_prescriber WHERE id = ANY(ARRAY(
        SELECT prescriber_id FROM patient UNION ALL SELECT id FROM patients_prescriber WHERE user_id = %(account)s
    )) ORDER BY id FOR SHARE
), pharmacies AS (SELECT id FROM patients_pharmacy WHERE id = %(pharmacy)s FOR SHARE),
account AS (SELECT is_active FROM accounts_user WHERE id = %(account)s FOR SHARE)
SELECT patient.*, (SELECT count(*) FROM prescribers), (SELECT count(*) FROM pharmacies),
    EXISTS (
        SELECT FROM patients_patient f LEFT JOIN patients_guardian g ON g.patient_id = f.id
        WHERE (f.id = patient.id OR f.linked_to_id = patient.linked_to_id)
            AND (f.user_id = %(account)s OR g.user_id = %(account)s)
    ),
    (SELECT is_active FROM account) FROM patient
"""
_PATIENT = f"SELECT id, linked_to_id, {', '.join(PATIENT_COLUMNS)} FROM patients_patient WHERE"
#: Evaluated from left to right, so that the patient's row is the first that is waited for.
_SELECT_LOCKED = f"WITH patient AS MATERIALIZED ({_PATIENT} {{}} FOR UPDATE), {_SHARED}"
_SELECT_SHARED = f"WITH patient AS MATERIALIZED ({_PATIENT} id = ANY(%(files)s)), {_SHARED}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLock:
    """Locks a patient's row, and shares with others the rows that a decision about the patient reads besides.

    They are those of the prescribers (the patient's, and of who acts), of the pharmacy and of the account of who acts.
    Nobody is suspended, approved or certified, no delegation ends and the account is not closed meanwhile.
    """

    where: str
    values: Mapping[str, Any]
    account: UUID | None = None
    pharmacy: UUID | None = None

    def __call__(self) -> Locked | None:
        """Lock it; None where there is no such patient."""
        values = {**self.values, "account": self.account, "pharmacy": self.pharmacy}
        with connection.cursor() as cursor:
            cursor.execute(_SELECT_LOCKED.format(self.where), values)
            found = cursor.fetchone()
        if found is None:
            return None
        patient, oldest, *columns, shared, _pharmacies, is_own, is_active = found
        row = dict(zip(PATIENT_COLUMNS, columns, strict=True))
        prescriber = row["prescriber_id"]
        locked = Locked(
            patient=patient, program=row["program"], relations=Relations(prescriber, row["user_id"]), row=row,
            linked=_lock_with_linked(patient, oldest) if oldest else (),
            # Who has no account (the system, somebody who was invited) has none that is closed.
            is_open=is_active is not False,
            is_own=bool(is_own),
        )  # fmt: skip
        # A prescriber who came to the program while this waited, and took the patient over, is not among them.
        if locked.linked or (prescriber is not None and not shared):
            return share(locked, account=self.account, pharmacy=self.pharmacy)
        return locked


def by_id(patient: UUID) -> RowLock:
    """Locks the patient with that id."""
    return RowLock(where="id = %(id)s", values={"id": patient})


def by_number(number: str, born_on: date) -> RowLock:
    """Locks the patient with that number and birth date: the counter's look-up."""
    return RowLock(where="number = %(number)s AND born_on = %(born_on)s", values={"number": number, "born_on": born_on})


def share(locked: Locked, *, account: UUID | None, pharmacy: UUID | None = None) -> Locked:
    """The shared locks alone, for files that are linked: those of the prescribers of all of them."""
    values = {"files": [locked.patient, *locked.linked], "account": account, "pharmacy": pharmacy}
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_SHARED, values)
        is_active = cursor.fetchone()[-1]
    return replace(locked, is_open=is_active is not False)


def share_prescriber(prescriber: UUID) -> None:
    """The shared lock on the row of a prescriber who becomes a patient's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM patients_prescriber WHERE id = %s FOR SHARE", [prescriber])


def _lock_with_linked(patient: UUID, oldest: UUID) -> tuple[UUID, ...]:
    """Locks the oldest of linked files besides one's own, always in that order; the files but one's own."""
    with connection.cursor() as cursor:
        if oldest != patient:
            cursor.execute("SELECT id FROM patients_patient WHERE id = %s FOR UPDATE", [oldest])
        cursor.execute("SELECT id FROM patients_patient WHERE linked_to_id = %s AND id <> %s", [oldest, patient])
        return tuple(row[0] for row in cursor.fetchall())


def _with_guardians(locked: Locked) -> Locked:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, user_id FROM patients_guardian WHERE patient_id = %s", [locked.patient])
        guardians = dict(cursor.fetchall())
    accounts = frozenset(account for account in guardians.values() if account is not None)
    return replace(locked, guardians=guardians, relations=replace(locked.relations, guardians=accounts))


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
    if isinstance(lock, RowLock):
        lock = replace(lock, account=request.by.account, pharmacy=pharmacy)
    try:
        answer = once(request, lock, decision, still=decision.is_told_again)
    except NoLongerTheirs:
        raise NotPermitted from None
    if _OWN_FILE in answer["codes"]:
        raise OwnFile
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

    def is_told_again(self, locked: Locked | None) -> bool:
        """Whether who asks may have the answer of before: the patient may be theirs no more, or the account closed."""
        if locked is None:
            return still_open(self.request.by)(locked)
        return self._is_theirs(self._with_relations(locked)) and not self._acts_on_both_sides(locked)

    def _with_relations(self, locked: Locked) -> Locked:
        return _with_guardians(locked) if self.request.by.role == GUARDIAN else locked

    def _is_theirs(self, locked: Locked) -> bool:
        return locked.is_open and self.relation(self.request.by, locked)

    def _acts_on_both_sides(self, locked: Locked) -> bool:
        return self.request.by.role in STAFF and locked.is_own

    def __call__(self, locked: Locked | None) -> Result:
        if locked is None:
            if not is_open(self.request.by.account):
                return Result(codes=NOT_THEIRS.codes)
            return Result(codes=(self.unknown,), answer={"lookup": self.lookup} if self.lookup else {})
        locked = self._with_relations(locked)
        if not self._is_theirs(locked):
            return Result(codes=NOT_THEIRS.codes, subject=locked.patient)
        if self._acts_on_both_sides(locked):
            return Result(codes=(_OWN_FILE,), subject=locked.patient)
        file = read_locked(locked, self.request.at, self.pharmacy, by=self.request.by)
        at = file.earliest(self.request.at)
        outcome = self.work(file, at)
        if any(isinstance(record, _NAMES_PRESCRIBER) and _is_own(locked, record) for record in outcome.records):
            return Result(codes=(_OWN_FILE,), subject=locked.patient)
        numbers = write(file, outcome, self.request, at)
        return Result(codes=outcome.codes, answer=outcome.answer, subject=file.patient, records=numbers, at=at)


#: Records that make somebody the patient's prescriber, or are to.
_NAMES_PRESCRIBER = (TransferOffered, Transferred, FileTransferred)


def _is_own(locked: Locked, record: TransferOffered | Transferred | FileTransferred) -> bool:
    """Whether the patient would be handed over to themselves, or to their guardian, in any of their files."""
    files = [locked.patient, *locked.linked]
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_IS_OWN, {"files": files, "prescriber": record.prescriber})
        return bool(cursor.fetchone()[0])


_SELECT_IS_OWN = """
SELECT EXISTS (
    SELECT FROM patients_prescriber d WHERE d.id = %(prescriber)s AND d.user_id IN (
        SELECT user_id FROM patients_patient WHERE id = ANY(%(files)s)
        UNION ALL SELECT user_id FROM patients_guardian WHERE patient_id = ANY(%(files)s))
)
"""


def is_officer(by: Actor, locked: Locked) -> bool:
    """The relation of what the program office alone does, to any patient."""
    return by.role == OFFICER


def _related(by: Actor, locked: Locked) -> bool:
    relations = locked.relations
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


def read_locked(locked: Locked, at: datetime, pharmacy: UUID | None = None, *, by: Actor | None = None) -> File:
    """The file of a locked patient, by every certification that stands: one query, in the statement after the locks.

    Where a prescriber acts, by theirs too. Raises NotAsRecorded.
    """
    prescriber = locked.relations.prescriber
    is_another = by is not None and by.role == PRESCRIBER and by.acting_for != prescriber
    acting = by.acting_for if by is not None and is_another else None
    subjects = (locked.patient, prescriber, pharmacy, acting, *locked.linked)
    logs = log.by_subject(log.read(*[subject for subject in subjects if subject]))
    file = file_of(
        logs, locked.patient, prescriber=prescriber, pharmacy=pharmacy, at=at, linked=locked.linked,
        program=PROGRAMS.get(locked.program), of_now=True, acting=acting,
    )  # fmt: skip
    judged = judged_prescriber(file, file.earliest(at))
    if judged is not None:
        file = with_prescribers(file, {judged: log.read(judged)}, [judged], file.earliest(at))
    ensure_as_recorded(file.patient, file.entries, row=locked.row, linked=locked.linked, guardians=locked.guardians)
    return file


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
    files = (file.patient, *map(UUID, after.linked))
    stops.tell(files, list(zip(numbers, outcome.records, strict=False)), request.by, at)
    if outcome.then is not None:
        outcome.then(numbers)
    return numbers


def _with_prescriber(file: File, at: datetime) -> File:
    """The file with the certifications of the prescriber it now has, who may have changed with this record."""
    now = file.history(at).prescriber
    if now is None or now in file.prescribers:
        return file
    share_prescriber(UUID(now))
    return replace(file, prescribers={now: certified(log.read(UUID(now)), at, file.program)})
