"""Read and append. The caller holds the lock on the subject, and reads in the statement after the one that locked."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from . import canonical
from .actor import Actor


class Backdated(ValueError):
    """The record is dated before the last one of its subject."""


class Row(NamedTuple):
    """A record as it stands in the log."""

    subject_kind: str
    subject: UUID
    number: int
    kind: str
    format: int
    at: datetime
    actor: UUID
    role: str
    acting_for: UUID | None
    request_id: UUID
    data: Mapping[str, Any]
    edition: str
    previous_hash: str
    hash: str
    canonical_form: int


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record before it has a place in the log."""

    kind: str
    data: Mapping[str, Any]
    format: int = 1
    edition: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a subject's log: the last number, its hash and its instant."""

    number: int = 0
    hash: str = ""
    at: datetime | None = None


EMPTY = Head()

COLUMNS = ", ".join(Row._fields)
_SELECT = f"SELECT {COLUMNS} FROM ledger_record WHERE subject {{}} ORDER BY subject, number"
#: So many subjects have a text of their own, which is planned once: a decision reads three logs, or a few more. The
#: length of an array is not known beforehand, so that it is planned each time.
_FEW = 6
#: One text for any number of rows, so that it is prepared once.
_INSERT = f"""
INSERT INTO ledger_record ({COLUMNS})
SELECT {COLUMNS} FROM jsonb_to_recordset(%s::jsonb) AS record (
    subject_kind text, subject uuid, number integer, kind text, format smallint, at timestamptz, actor uuid, role text,
    acting_for uuid, request_id uuid, data jsonb, edition text, previous_hash text, hash text, canonical_form smallint)
"""


def read(*subjects: UUID) -> list[Row]:
    """All records of these subjects, by subject and number. One query."""
    few = 0 < len(subjects) <= _FEW
    where = f"IN ({', '.join(['%s'] * len(subjects))})" if few else "= ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(_SELECT.format(where), subjects if few else [list(subjects)])
        return [_row(list(values)) for values in cursor.fetchall()]


_AT, _DATA = Row._fields.index("at"), Row._fields.index("data")


def _row(values: list[Any]) -> Row:
    raw = values[_DATA]
    values[_DATA] = json.loads(raw) if isinstance(raw, str) else raw
    values[_AT] = values[_AT].astimezone(UTC)
    return Row._make(values)


def by_subject(rows: Iterable[Row]) -> defaultdict[UUID, list[Row]]:
    """The log of each subject, its rows as they come; an empty one for whom there are none."""
    logs: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        logs[row.subject].append(row)
    return logs


def head_of(rows: Sequence[Row]) -> Head:
    """The head of the log of these rows, which are of one subject and in order."""
    return Head(rows[-1].number, rows[-1].hash, rows[-1].at) if rows else EMPTY


def build(
    subject_kind: str,
    subject: UUID,
    drafts: Sequence[NewRecord],
    *,
    head: Head,
    by: Actor,
    at: datetime,
    request_id: UUID,
) -> list[Row]:
    """The rows that follow `head`, with their numbers and hashes, not written yet.

    Raises Backdated when `at` is before the head's instant, NotPlain for data without a canonical form.
    """
    if head.at is not None and at < head.at:
        raise Backdated
    rows, number, previous = [], head.number, head.hash
    for draft in drafts:
        canonical.check(draft.data)
        number += 1
        row = Row(
            subject_kind, subject, number, draft.kind, draft.format, at.astimezone(UTC), by.account, by.role,
            by.acting_for, request_id, draft.data, draft.edition, previous, "", canonical.FORM,
        )  # fmt: skip
        row = row._replace(hash=canonical.hash_of(row._asdict()))
        rows.append(row)
        previous = row.hash
    return rows


def append(
    subject_kind: str,
    subject: UUID,
    drafts: Sequence[NewRecord],
    *,
    head: Head,
    by: Actor,
    at: datetime,
    request_id: UUID,
) -> list[Row]:
    """Write records at the end of a subject's log, in one statement, in the caller's transaction."""
    rows = build(subject_kind, subject, drafts, head=head, by=by, at=at, request_id=request_id)
    insert(rows)
    return rows


def insert(rows: Sequence[Row]) -> None:
    """Write rows that `build` made, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [json.dumps([row._asdict() for row in rows], default=str)])
