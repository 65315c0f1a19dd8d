"""Check the log: every chain, record by record, every erasable text against its digest, and every checkpoint."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import batched, groupby, pairwise
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from . import canonical, checkpoints, clock, keys, minutes
from .erasable_text import ERASURE_KIND, SALT_LENGTH, digests_in, read_texts, salted_digest
from .log import COLUMNS, Row
from .models import Checkpoint

#: Rows fetched at a time: memory stays the same however long the log is.
BATCH = 5000


class Problem(NamedTuple):
    """A problem of one record (number 0: of an erasable text) of one subject."""

    subject_kind: str
    subject: UUID
    number: int
    what: str


class Part(NamedTuple):
    """The logs of the subjects behind one id, up to another: what one process checks at a time."""

    after: UUID
    until: UUID


_LAST = 2**128 - 1
WHOLE = Part(UUID(int=0), UUID(int=_LAST))


def parts(count: int) -> list[Part]:
    """So many parts that are all logs together. Ids are random: each has about as many logs."""
    ends = [UUID(int=_LAST * place // count) for place in range(count + 1)]
    return [Part(after, until) for after, until in pairwise(ends)]


def verify(subjects: Sequence[UUID] | None = None, *, at: datetime | None = None) -> Iterator[Problem]:
    """Every problem found in the logs of these subjects, or of all, and in the checkpoints. An erased text is none.

    `at` is the instant of the check, after which no record can be dated; not asked where it is None.
    """
    yield from chains(subjects, at=at)
    yield from beside(subjects)


def beside(subjects: Sequence[UUID] | None = None) -> Iterator[Problem]:
    """What is found beside the logs: in erasable texts and checkpoints."""
    yield from _texts(subjects)
    yield from _checkpoints()
    yield from _published()


def chains(
    subjects: Sequence[UUID] | None = None, part: Part = WHOLE, *, at: datetime | None = None
) -> Iterator[Problem]:
    """What is found in the logs themselves, record by record."""
    before: Row | None = None
    missing: list[Problem] = []
    for row, gone in _with_texts(_rows(subjects, part)):
        if before is not None and before.subject != row.subject:
            yield from missing
            before, missing = None, []
        for what in _problems_of(row, before):
            yield Problem(row.subject_kind, row.subject, row.number, what)
        if at is not None and row.at > at + clock.TOLERANCE:
            yield Problem(row.subject_kind, row.subject, row.number, "is dated later than now")
        if row.kind == ERASURE_KIND:
            missing = []
        missing += [Problem(row.subject_kind, row.subject, row.number, TEXT_MISSING) for _digest in gone]
        before = row
    yield from missing


def read_logs(part: Part = WHOLE) -> Iterator[list[Row]]:
    """The rows of each log, in order; one log after the other."""
    for _subject, rows in groupby(_rows(None, part), key=lambda row: row.subject):
        yield list(rows)


TEXT_MISSING = "names a text that is missing, and no erasure after it accounts for that"


def _with_texts(rows: Iterable[Row]) -> Iterator[tuple[Row, list[str]]]:
    """Each row, and which of the erasable texts it names are not there."""
    for batch in batched(rows, BATCH):
        named = [digests_in(row.data) for row in batch]
        present = read_texts({digest for digests in named for digest in digests})
        for row, digests in zip(batch, named, strict=True):
            yield row, sorted(digests - present.keys())


def _checkpoints() -> Iterator[Problem]:
    """Checkpoints that are not as they were signed, and logs that are not as a checkpoint saw them."""
    every = list(Checkpoint.objects.order_by("number"))
    if not every:
        return
    for number, what in checkpoints.problems(every, keys.known()):
        yield Problem("checkpoint", NOBODY, number, what)
    by_number = {one.number: one for one in every}
    for number, _heads, leaves in checkpoints.merkle_trees(by_number):
        if not checkpoints.fits(by_number[number], leaves):
            yield Problem("checkpoint", NOBODY, number, checkpoints.ROOT_DIFFERS)
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_CHANGED)
        for subject, number, current in cursor.fetchall():
            what = checkpoints.WAS_OTHERWISE if current else checkpoints.IS_MISSING
            yield Problem("checkpointed log", subject, number, what)
        cursor.execute(_SELECT_BACKDATED, {"slack": checkpoints.SLACK.total_seconds()})
        for subject, number, checkpoint in cursor.fetchall():
            what = f"is dated before checkpoint {checkpoint}, which does not have it"
            yield Problem("checkpointed log", subject, number, what)
        cursor.execute(_SELECT_FORWARD_DATED, {"slack": checkpoints.SLACK.total_seconds()})
        for subject, number, checkpoint in cursor.fetchall():
            what = f"is dated after checkpoint {checkpoint}, which has it"
            yield Problem("checkpointed log", subject, number, what)


def _published() -> Iterator[Problem]:
    """Files of checkpoints that say otherwise than the database, and what the minutes say."""
    for number, what in checkpoints.mismatches():
        yield Problem("checkpoint", NOBODY, number, what)
    for number, what in (*minutes.problems(), *minutes.mismatches()):
        yield Problem("minute checkpoint", NOBODY, number, what)


NOBODY = UUID(int=0)

_SELECT_CHANGED = """
SELECT l.subject, l.number, r.id IS NOT NULL FROM ledger_checkpointleaf l
LEFT JOIN ledger_record r ON r.subject = l.subject AND r.number = l.number
WHERE r.hash IS DISTINCT FROM l.hash ORDER BY l.subject, l.number
"""

#: The first record that a log had beyond its head at each checkpoint, up to the last one that had this head.
_SELECT_BACKDATED = """
WITH newest AS (SELECT max(number) AS number FROM ledger_checkpoint),
grown AS (
    SELECT subject, checkpoint_id - 1 AS until, lag(number, 1, 0) OVER (PARTITION BY subject ORDER BY checkpoint_id)
        AS head FROM ledger_checkpointleaf
    UNION ALL
    SELECT r.subject, newest.number, coalesce(max(l.number), 0) FROM newest, (
        SELECT DISTINCT subject FROM ledger_record) AS r LEFT JOIN ledger_checkpointleaf l USING (subject)
        GROUP BY r.subject, newest.number
)
SELECT r.subject, r.number, c.number FROM grown g
JOIN ledger_checkpoint c ON c.number = g.until
JOIN ledger_record r ON r.subject = g.subject AND r.number = g.head + 1
WHERE r.at < c.at - make_interval(secs => %(slack)s) ORDER BY r.subject, r.number
"""

_SELECT_FORWARD_DATED = """
SELECT r.subject, r.number, c.number FROM ledger_checkpointleaf l JOIN ledger_checkpoint c ON c.number = l.checkpoint_id
JOIN ledger_record r ON r.subject = l.subject AND r.number = l.number
WHERE r.at > c.at + make_interval(secs => %(slack)s) ORDER BY r.subject, r.number
"""


def _problems_of(row: Row, before: Row | None) -> Iterator[str]:
    expected = before.number + 1 if before else 1
    if row.number != expected:
        yield f"follows on record {expected - 1}: a record is missing between them"
    if row.previous_hash != (before.hash if before else ""):
        yield "does not carry the hash of the record before it"
    if row.canonical_form not in canonical.FORMS:
        yield "is in a canonical form that is not known"
    elif row.hash != _hash_of(row):
        yield "was changed: its hash is not that of what it says"
    if before is not None and row.at < before.at:
        yield "is dated before the record that it follows"


def _hash_of(row: Row) -> str:
    """The hash that belongs to a row; none where it holds what its form cannot say."""
    try:
        return canonical.hash_of(row._asdict())
    except canonical.NotPlain:
        return ""


#: No record has a higher number than PostgreSQL's whole numbers.
_LAST_NUMBER = 2**31 - 1


def _rows(subjects: Sequence[UUID] | None, part: Part) -> Iterator[Row]:
    """All rows by subject and number, in batches that begin where the last one ended."""
    chosen = "" if subjects is None else "AND subject = ANY(%s)"
    after: tuple[UUID, int] = (part.after, _LAST_NUMBER if part.after != WHOLE.after else 0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {COLUMNS} FROM ledger_record WHERE (subject, number) > (%s, %s) "
                f"AND subject <= %s {chosen} ORDER BY subject, number LIMIT {BATCH}",
                [*after, part.until, *([] if subjects is None else [list(subjects)])],
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
        cursor.execute(
            f"SELECT subject, digest, salt, text FROM ledger_erasabletext {chosen}", subjects and [list(subjects)]
        )
        for subject, digest, salt, text in cursor:
            if len(bytes(salt)) != SALT_LENGTH:
                yield Problem("", subject, 0, "an erasable text was changed: its salt has not sixteen bytes")
            if salted_digest(bytes(salt), text) != digest:
                yield Problem("", subject, 0, "an erasable text was changed: it does not give its digest")


def count() -> tuple[int, int]:
    """The number of logs and of records."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT subject), count(*) FROM ledger_record")
        logs, records = cursor.fetchone()
    return logs, records
