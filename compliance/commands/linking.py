"""Two files of one person: the office links them, and ends a link that was wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection

import outbox
from compliance.records.columns import PATIENT_COLUMNS
from compliance.records.file import File
from compliance.rules.records import FileLinked, FileUnlinked
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.idempotency import Answer, Request
from ledger.models import ErasableText
from outbox.models import Message
from patients.models import Patient

from . import two_officers
from .decide import Locked, Outcome, by_id, decide, is_officer, read_locked, share, write
from .linking_case import LINK, UNLINK, Case
from .permissions import Relations
from .two_officers import Agreed

Kind = type[FileLinked] | type[FileUnlinked]


class NotLinked(ValueError):
    """It is the same file, or they are linked already, or are not."""


class OnBothSides(ValueError):
    """One account is the patient of one of these files, and guardian or prescriber of another: they are of two people.

    Nothing was done.
    """


NOT_LINKED = Outcome(codes=("not-linked",))
_BOTH_SIDES = "both-sides"
#: Asked for, until another officer asks for the same.
WAITS = Outcome(answer={"asked": True})


def link(*, files: tuple[UUID, UUID], reason: str, by: Actor, at: datetime, key: UUID) -> bool:
    """Hold two files, with all that are linked with either, to be of one person; False where it waits.

    Beside a stop or an open course two officers do it: the first one asks, and another one asks for the same.
    What was authorized in any of them becomes void.
    Raises NotLinked, OnBothSides, NotPermitted for anyone but an officer.
    """
    return _link(files, reason, None, by=by, at=at, key=key)


def link_agreed(*, files: tuple[UUID, UUID], agreed: Agreed, by: Actor, at: datetime, key: UUID) -> None:
    """Link two files as part of a command that has asked whether, and settled who agrees. Otherwise as `link`."""
    _link(files, agreed.reason, agreed, by=by, at=at, key=key)


def _link(
    files: tuple[UUID, UUID], reason: str, agreed: Agreed | None, *, by: Actor, at: datetime, key: UUID
) -> bool:  # fmt: skip
    body = {"files": [str(file) for file in files], "reason": reason}
    request = Request(action=LINK, by=by, at=at, key=key, body=body)
    groups = _Groups(files, by.account)
    return _done(decide(request, groups.lock, _Linking(request, reason, groups, agreed), relation=is_officer))


def unlink(*, file: UUID, reason: str, by: Actor, at: datetime, key: UUID) -> bool:
    """Take a file out of those that it is linked with; False where it waits for a second officer, as for `link`.

    What was authorized in any of them becomes void. Raises NotLinked, NotPermitted for anyone but an officer.
    """
    request = Request(action=UNLINK, by=by, at=at, key=key, body={"file": str(file), "reason": reason})
    groups = _Groups((file,), by.account)
    return _done(decide(request, groups.lock, _Unlinking(request, reason, groups), relation=is_officer))


def _done(answer: Answer) -> bool:
    """Whether it was done. Raises NotLinked, OnBothSides."""
    if _BOTH_SIDES in answer["codes"]:
        raise OnBothSides
    if answer["codes"]:
        raise NotLinked
    return not answer.get("asked", False)


class _Groups:
    """These files, each with all that are linked with it: found by the lock, read by what runs under it."""

    def __init__(self, files: Sequence[UUID], account: UUID) -> None:
        self.files, self.account = files, account
        self._found: Mapping[UUID, list[UUID]] = {}

    def lock(self) -> Locked | None:
        """Locks them all. The first is the one that is decided about."""
        self._found = lock_groups(self.files)
        locked = _locked(self.files[0], self._found)
        return share(locked, account=self.account) if locked is not None else None

    def of(self, file: UUID) -> list[UUID]:
        """The file with all that it is linked with; nothing for one that is not there."""
        return self._found.get(file, [])


@dataclass(frozen=True, slots=True)
class _Linking:
    """A link of two files as it runs under the locks."""

    request: Request
    reason: str
    groups: _Groups
    #: What was settled before, by the command of which this is a part.
    agreed: Agreed | None = None

    def __call__(self, file: File, now: datetime) -> Outcome:
        one, other = self.groups.files
        mine, theirs = self.groups.of(one), self.groups.of(other)
        if not theirs or other in mine:
            return NOT_LINKED
        if _on_both_sides([*mine, *theirs]):
            return Outcome(codes=(_BOTH_SIDES,))
        agreed = self.agreed
        if agreed is None:
            case = Case.of(LINK, (one, other), [*mine, *theirs], now)
            agreed = case.settle(self.reason, by=self.request.by, at=now)
        if agreed is None:
            return WAITS
        pairs = dict.fromkeys(mine, theirs) | dict.fromkeys(theirs, mine)
        change = _Change(FileLinked, pairs, ([*mine, *theirs],), agreed, replace(self.request, at=now))
        return change.outcome(one)


def _on_both_sides(files: Sequence[UUID]) -> bool:
    """Whether an account would be the patient, and guardian or prescriber, of what is then one person."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_BOTH_SIDES, {"files": list(files)})
        return bool(cursor.fetchone()[0])


_SELECT_BOTH_SIDES = """
SELECT EXISTS (
    SELECT FROM patients_patient p WHERE p.id = ANY(%(files)s) AND p.user_id IN (
        SELECT user_id FROM patients_guardian WHERE patient_id = ANY(%(files)s)
        UNION ALL
        SELECT d.user_id FROM patients_patient f JOIN patients_prescriber d ON d.id = f.prescriber_id
        WHERE f.id = ANY(%(files)s))
)
"""


@dataclass(frozen=True, slots=True)
class _Unlinking:
    """The end of a link as it runs under the locks."""

    request: Request
    reason: str
    groups: _Groups

    def __call__(self, known: File, now: datetime) -> Outcome:
        (file,) = self.groups.files
        rest = [other for other in self.groups.of(file) if other != file]
        if not rest:
            return NOT_LINKED
        agreed = Case.of(UNLINK, (file,), [file, *rest], now).settle(self.reason, by=self.request.by, at=now)
        if agreed is None:
            return WAITS
        pairs = {file: rest} | {other: [file] for other in rest}
        change = _Change(FileUnlinked, pairs, ([file], rest), agreed, replace(self.request, at=now))
        return change.outcome(file)


#: Those that hang on another first, and then the oldest, as whoever writes to one of them does.
_LOCK_GROUPS = """
SELECT id, coalesce(linked_to_id, id) FROM patients_patient
WHERE id = ANY(%(ids)s)
    OR linked_to_id IN (SELECT linked_to_id FROM patients_patient WHERE id = ANY(%(ids)s))
ORDER BY coalesce(linked_to_id, id) = id, id FOR UPDATE
"""


def lock_groups(files: Sequence[UUID]) -> Mapping[UUID, list[UUID]]:
    """Locks these files and all that are linked with them; for each of those asked for, its group.

    Links are made and ended one at a time in the whole program, so that no group changes meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('clearfill.linking'))")
        cursor.execute(_LOCK_GROUPS, {"ids": list(files)})
        oldest = dict(cursor.fetchall())
    return {file: [other for other in oldest if oldest[other] == oldest[file]] for file in files if file in oldest}


def _locked(file: UUID, groups: Mapping[UUID, list[UUID]]) -> Locked | None:
    """The file with all others that are locked, so that the link is made or ended after every record of them all."""
    if file not in groups:
        return None
    rest = tuple(dict.fromkeys(other for group in groups.values() for other in group if other != file))
    row = Patient.objects.values(*PATIENT_COLUMNS).get(pk=file)
    relations = Relations(row["prescriber_id"], None)
    return Locked(patient=file, program=row["program"], relations=relations, row=row, linked=rest)


@dataclass(frozen=True, slots=True)
class _Change:
    """Files that are linked, or linked no more: the records in each, who belongs together then, the messages."""

    kind: Kind
    #: For each file those with which it is linked now, or no more.
    pairs: Mapping[UUID, list[UUID]]
    groups: tuple[list[UUID], ...]
    agreed: Agreed
    request: Request

    def outcome(self, first: UUID) -> Outcome:
        """The records of the first file; those of the others follow in the same transaction, none of them earlier."""
        return replace(self._entry(first), then=partial(self._follow, first))

    def _entry(self, file: UUID) -> Outcome:
        erasable: ErasableText = make_erasable(self.agreed.reason, subject=file, at=self.request.at)
        first = str(self.agreed.asked_by) if self.agreed.asked_by else None
        records = tuple(self.kind(str(other), erasable.digest, first) for other in self.pairs[file])
        return Outcome(records=records, texts=(erasable,))

    def _follow(self, first: UUID, numbers: list[int]) -> None:
        """While both are written, the columns name every file that a log names: one that was not read stops all."""
        if self.kind is FileLinked:
            self._regroup()
        for file in self.pairs:
            if file != first:
                locked = by_id(file)()
                assert locked is not None
                read = read_locked(locked, self.request.at)
                write(read, self._entry(file), self.request, read.earliest(self.request.at))
        if self.kind is FileUnlinked:
            self._regroup()
        two_officers.end_about((LINK, UNLINK), self.pairs, at=self.request.at)
        _tell(self.kind, self.pairs, self.request)

    def _regroup(self) -> None:
        for group in self.groups:
            _regroup(group)


def _regroup(files: Sequence[UUID]) -> None:
    """These files, and no other, are of one person: the oldest stands for all; one alone stands for nobody."""
    oldest = Patient.objects.filter(pk__in=files).order_by("created_at", "id").values_list("pk", flat=True)[0]
    Patient.objects.filter(pk__in=files).update(linked_to=oldest if len(files) > 1 else None)


def _tell(kind: Kind, files: Iterable[UUID], request: Request) -> None:
    """The prescribers, since what was authorized is void."""
    name = kind.kind.replace("_", "-")
    messages = [
        Message(key=f"{name}:{file}:{request.key}", kind=name, subject=file, data={}, due_at=request.at)
        for file in files
    ]
    outbox.enqueue(messages, at=request.at)
