"""Check the log: every chain, record by record, and every sealed text against its digest."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from . import canonical
from .log import COLUMNS, Row
from .seal import digest_of

#: Rows fetched at a time: memory stays the same however long the log is.
BATCH = 5000


class Problem(NamedTuple):
    """What is wrong with one record (number 0: with a sealed text) of one subject."""

    subject_kind: str
    subject: UUID
    number: int
    what: str


def verify(subjects: Sequence[UUID] | None = None) -> Iterator[Problem]:
    """Every problem found in the logs of these subjects, or of all. A text that was erased is none."""
    before: Row | None = None
    for row in _rows(subjects):
        if before is not None and before.subject != row.subject:
            before = None
        for what in _wrong(row, before):
            yield Problem(row.subject_kind, row.subject, row.number, what)
        before = row
    yield from _texts(subjects)


def _wrong(row: Row, before: Row | None) -> Iterator[str]:
    expected = before.number + 1 if before else 1
    if row.number != expected:
        yield f"follows on record {expected - 1}: a record is missing between them"
    if row.previous_hash != (before.hash if before else ""):
        yield "does not carry the hash of the record before it"
    if row.hash != canonical.hash_of(row._asdict()):
        yield "was changed: its hash is not that of what it says"
    if before is not None and row.at < before.at:
        yield "is dated before the record that it follows"


def _rows(subjects: Sequence[UUID] | None) -> Iterator[Row]:
    """All rows by subject and number, in batches that begin where the last one ended."""
    chosen = "" if subjects is None else "AND subject = ANY(%s)"
    after: tuple[UUID, int] = (UUID(int=0), 0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {COLUMNS} FROM ledger_record WHERE (subject, number) > (%s, %s) {chosen} "
                f"ORDER BY subject, number LIMIT {BATCH}",
                [*after, *([] if subjects is None else [list(subjects)])],
            )
            rows = [_read(Row(*values)) for values in cursor.fetchall()]
        yield from rows
        if len(rows) < BATCH:
            return
        after = (rows[-1].subject, rows[-1].number)


def _read(row: Row) -> Row:
    data: object = row.data
    return row._replace(data=json.loads(data)) if isinstance(data, str) else row


def _texts(subjects: Sequence[UUID] | None) -> Iterator[Problem]:
    """Sealed texts that no longer give the digest they are kept under."""
    chosen = "" if subjects is None else "WHERE subject = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT subject, digest, salt, text FROM ledger_sealed {chosen}", subjects and [list(subjects)])
        for subject, digest, salt, text in cursor:
            if digest_of(bytes(salt), text) != digest:
                yield Problem("", subject, 0, "a sealed text was changed: it does not give its digest")


def count() -> tuple[int, int]:
    """How many logs there are, and how many records."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT subject), count(*) FROM ledger_record")
        logs, records = cursor.fetchone()
    return logs, records
