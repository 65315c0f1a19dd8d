"""Two files of one person: the office links them, and ends a link that was wrong."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connection

import outbox
from compliance.projection.file import File
from compliance.rules.records import FileLinked, FileUnlinked
from ledger.actor import Actor
from ledger.models import Sealed
from ledger.seal import seal
from outbox.models import Message
from patients.models import Patient

from .decide import Locked, Outcome, Request, by_id, decide, is_officer, read_locked, write
from .permissions import Relations

Kind = type[FileLinked] | type[FileUnlinked]


class NotLinked(ValueError):
    """It is the same file, or they are linked already, or are not."""


def link(*, files: tuple[UUID, UUID], reason: str, by: Actor, at: datetime, key: UUID) -> None:
    """Hold two files, with all that are linked with either, to be of one person.

    What was authorized in any of them becomes void. Raises NotLinked, NotPermitted for anyone but an officer.
    """
    one, other = files
    body = {"files": [str(one), str(other)], "reason": reason}
    request = Request(action="link-files", by=by, at=at, key=key, body=body)
    groups: dict[UUID, list[UUID]] = {}

    def lock() -> Locked | None:
        groups.update(_lock_groups(files))
        return _locked(one, groups)

    def work(file: File, now: datetime) -> Outcome:
        mine, theirs = groups[one], groups.get(other, [])
        if not theirs or other in mine:
            return Outcome(codes=("not-linked",))
        pairs = dict.fromkeys(mine, theirs) | dict.fromkeys(theirs, mine)
        return _outcome(FileLinked, one, pairs, reason, replace(request, at=now), lambda: _regroup([*mine, *theirs]))

    if decide(request, lock, work, relation=is_officer)["codes"]:
        raise NotLinked


def unlink(*, file: UUID, reason: str, by: Actor, at: datetime, key: UUID) -> None:
    """Take a file out of those that it is linked with.

    What was authorized in any of them becomes void. Raises NotLinked, NotPermitted for anyone but an officer.
    """
    request = Request(action="unlink-file", by=by, at=at, key=key, body={"file": str(file), "reason": reason})
    groups: dict[UUID, list[UUID]] = {}

    def lock() -> Locked | None:
        groups.update(_lock_groups((file,)))
        return _locked(file, groups)

    def work(known: File, now: datetime) -> Outcome:
        rest = [other for other in groups[file] if other != file]
        if not rest:
            return Outcome(codes=("not-linked",))

        def apart() -> None:
            _regroup([file])
            _regroup(rest)

        pairs = {file: rest} | {other: [file] for other in rest}
        return _outcome(FileUnlinked, file, pairs, reason, replace(request, at=now), apart)

    if decide(request, lock, work, relation=is_officer)["codes"]:
        raise NotLinked


#: Those that hang on another first, and then the oldest, as whoever writes to one of them does.
_GROUPS = """
SELECT id, coalesce(linked_to_id, id) FROM patients_patient
WHERE id = ANY(%(ids)s)
    OR linked_to_id IN (SELECT linked_to_id FROM patients_patient WHERE id = ANY(%(ids)s))
ORDER BY coalesce(linked_to_id, id) = id, id FOR UPDATE
"""


def _lock_groups(files: Sequence[UUID]) -> Mapping[UUID, list[UUID]]:
    """Locks these files and all that are linked with them; for each of those asked for, its group.

    Links are made and ended one at a time in the whole program, so that no group changes meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('clearfill.linking'))")
        cursor.execute(_GROUPS, {"ids": list(files)})
        oldest = dict(cursor.fetchall())
    return {file: [other for other in oldest if oldest[other] == oldest[file]] for file in files if file in oldest}


def _locked(file: UUID, groups: Mapping[UUID, list[UUID]]) -> Locked | None:
    """The file with all others that are locked, so that the link is made or ended after every record of them all."""
    if file not in groups:
        return None
    rest = tuple(dict.fromkeys(other for group in groups.values() for other in group if other != file))
    return Locked(patient=file, relations=Relations(_prescriber(file), None), linked=rest)


def _prescriber(file: UUID) -> UUID:
    return Patient.objects.values_list("prescriber_id", flat=True).get(pk=file)


def _outcome(
    kind: Kind,
    first: UUID,
    pairs: Mapping[UUID, list[UUID]],
    reason: str,
    request: Request,
    regroup: Callable[[], None],
) -> Outcome:
    """The records of the first file; those of the others follow in the same transaction, none of them earlier."""

    def entry(file: UUID) -> Outcome:
        sealed: Sealed = seal(reason, subject=file, at=request.at)
        return Outcome(records=tuple(kind(str(other), sealed.digest) for other in pairs[file]), sealed=(sealed,))

    def then(numbers: list[int]) -> None:
        regroup()
        for file in pairs:
            if file != first:
                locked = by_id(file)()
                assert locked is not None
                read = read_locked(locked, request.at)
                write(read, entry(file), request, read.earliest(request.at))
        _tell(kind, pairs, request)

    own = entry(first)
    return Outcome(records=own.records, sealed=own.sealed, then=then)


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
    outbox.lay(messages, at=request.at)
