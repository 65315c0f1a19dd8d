"""Minute checkpoints: the heads that changed since the last checkpoint, signed each minute and chained.

A checkpoint over all logs is made each hour. Between two of them these bind what is young, at the cost of what changed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from . import canonical, keys, merkle
from .merkle import LogHead
from .models import Checkpoint, MinuteCheckpoint

#: Records are looked for from so long before the last minute on: a record is written at most five minutes after its
#: instant, and some writers commit later than others.
REACH = timedelta(minutes=10)

#: What checkpoints over all logs signed of some logs, and is so no more.
_SELECT_OTHERWISE = """
SELECT leaf.subject, leaf.number FROM ledger_checkpointleaf leaf
LEFT JOIN ledger_record record ON record.subject = leaf.subject AND record.number = leaf.number
WHERE leaf.subject = ANY(%s) AND record.hash IS DISTINCT FROM leaf.hash
"""

#: The ends of the logs in which something was written since an instant. The instant is in each record's hash.
_SELECT_YOUNG_HEADS = """
SELECT DISTINCT ON (subject) subject, number, hash FROM ledger_record
WHERE subject IN (SELECT subject FROM ledger_record WHERE at > %s) ORDER BY subject, number DESC
"""

_SELECT_RECORDS = """
SELECT record.subject, record.number, record.hash FROM ledger_record record
JOIN unnest(%s::uuid[], %s::int[]) AS head (subject, number) USING (subject, number)
"""


def signed_payload(minute: MinuteCheckpoint) -> dict[str, Any]:
    """The signed payload: plain data."""
    return {
        "after": minute.after,
        "at": canonical.instant(minute.at),
        "key": minute.key,
        "leaves": len(minute.heads),
        "minute": minute.number,
        "previous": minute.previous,
        "root": minute.root,
    }


def public_form(minute: MinuteCheckpoint) -> dict[str, Any]:
    """The public form: a line of the day's file."""
    return signed_payload(minute) | {"hash": minute.hash, "signature": minute.signature}


def make(*, at: datetime) -> MinuteCheckpoint | None:
    """Sign the heads that changed since the last checkpoint; None where nothing did.

    Raises NoKeys. The caller has asked `problems` before: what is wrong is not signed over.
    """
    signer = keys.checkpoint_key()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        last, whole = _ends()
        heads = _changed(last, whole)
        if not heads:
            return None
        minute = MinuteCheckpoint(
            number=last.number + 1 if last else 1,
            at=max([at, *(one.at for one in (last, whole) if one)]),
            after=whole.number if whole else 0,
            heads=[[str(head.subject), head.number, head.hash] for head in heads],
            root=_root(heads),
            previous=last.hash if last else "",
            key=keys.name_of(keys.public_bytes(signer)),
        )
        minute.hash = canonical.digest(signed_payload(minute))
        minute.signature = signer.sign(canonical.encode(signed_payload(minute))).hex()
        minute.save(force_insert=True)
    return minute


#: That of the checkpoints over all logs: one is made at a time.
_LOCK = 772_001


def _root(heads: list[LogHead]) -> str:
    return merkle.root([merkle.leaf(head) for head in heads]).hex()


def _heads_of(minute: MinuteCheckpoint) -> list[LogHead]:
    return [LogHead(UUID(subject), number, hash_) for subject, number, hash_ in minute.heads]


def _changed(last: MinuteCheckpoint | None, whole: Checkpoint | None) -> list[LogHead]:
    """The heads that no checkpoint has signed yet, by subject."""
    since = max((one.at for one in (last, whole) if one), default=datetime.min.replace(tzinfo=UTC) + REACH) - REACH
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_YOUNG_HEADS, [since])
        young = [LogHead(*row) for row in cursor.fetchall()]
        signed = {head for minute in MinuteCheckpoint.objects.filter(at__gte=since) for head in _heads_of(minute)}
        cursor.execute(
            "SELECT subject, number, hash FROM ledger_checkpointleaf WHERE subject = ANY(%s)",
            [[head.subject for head in young]],
        )
        signed |= {LogHead(*row) for row in cursor.fetchall()}
    return sorted(head for head in young if head not in signed)


def otherwise() -> Iterator[str]:
    """Logs about to be signed of which a checkpoint over all logs says something else, in words."""
    last, whole = _ends()
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_OTHERWISE, [[head.subject for head in _changed(last, whole)]])
        for subject, number in cursor.fetchall():
            yield f"log {subject}, record {number}, is not as it was at a checkpoint"


def _ends() -> tuple[MinuteCheckpoint | None, Checkpoint | None]:
    minutes, wholes = MinuteCheckpoint.objects.order_by("-number"), Checkpoint.objects.order_by("-number")
    return minutes.first(), wholes.first()


def problems(*, since: int = 0) -> Iterator[tuple[int, str]]:
    """What is not as the minutes signed it, of those after checkpoint `since`: number of the minute, and words."""
    known = keys.known()
    rows = MinuteCheckpoint.objects.filter(after__gte=since).order_by("number")
    before = MinuteCheckpoint.objects.filter(after__lt=since).order_by("-number").first()
    for minute in rows.iterator(chunk_size=500):
        if minute.number != (before.number + 1 if before else 1) or minute.previous != (before.hash if before else ""):
            yield minute.number, "does not follow on the minute checkpoint before: one is missing"
        yield from ((minute.number, what) for what in _problems_of(minute, known))
        before = minute


def _problems_of(minute: MinuteCheckpoint, known: dict[str, bytes]) -> Iterator[str]:
    heads, payload = _heads_of(minute), signed_payload(minute)
    if minute.hash != canonical.digest(payload) or minute.root != _root(heads):
        yield "was changed: its hash or its root is not that of what it says"
    if minute.key not in known or not keys.verifies(known[minute.key], minute.signature, canonical.encode(payload)):
        yield "is not signed by the program's key"
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_RECORDS, [[head.subject for head in heads], [head.number for head in heads]])
        present = {(subject, number): hash_ for subject, number, hash_ in cursor.fetchall()}
    for head in heads:
        current = present.get((head.subject, head.number))
        if current != head.hash:
            state = "was otherwise" if current else "is missing, and was there"
            yield f"log {head.subject}, record {head.number}, {state} at that minute"


# --- files ------------------------------------------------------------------------------------------
def file_name(minute: MinuteCheckpoint) -> str:
    """The file of the day of a minute, to which a line is added."""
    return f"minutes-{minute.at.astimezone(UTC):%Y-%m-%d}.jsonl"


def _line(minute: MinuteCheckpoint) -> str:
    return json.dumps(public_form(minute), sort_keys=True)


def publish(folder: Path | None = None) -> int:
    """Add a line for each minute that no file has yet; how many."""
    folder = folder or settings.CHECKPOINT_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    newest = max(_published(folder, newest_only=True), default=0)
    added = 0
    for minute in MinuteCheckpoint.objects.filter(number__gt=newest).order_by("number").iterator(chunk_size=500):
        path = folder / file_name(minute)
        # A line that a crash cut short stays what it is: the next begins on a line of its own.
        broken = path.exists() and not path.read_bytes().endswith(b"\n")
        with path.open("a", encoding="utf-8") as file:
            file.write(("\n" if broken else "") + _line(minute) + "\n")
        added += 1
    return added


def _published(folder: Path, *, newest_only: bool) -> dict[int, str]:
    """The lines that were handed out, by the number of the minute. A line that was cut short by a crash is none."""
    files = sorted(folder.glob("minutes-*.jsonl"))
    lines: dict[int, str] = {}
    for path in files[-1:] if newest_only else files:
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                lines[json.loads(line)["minute"]] = line
            except (ValueError, KeyError, TypeError):
                continue
    return lines


def mismatches(folder: Path | None = None, *, newest_only: bool = False) -> Iterator[tuple[int, str]]:
    """Lines of files that the database contradicts: number and words."""
    lines = _published(folder or settings.CHECKPOINT_FOLDER, newest_only=newest_only)
    rows = {row.number: row for row in MinuteCheckpoint.objects.filter(number__in=lines).iterator(chunk_size=500)}
    for number, line in sorted(lines.items()):
        if number not in rows:
            yield number, "was handed out and is gone: minute checkpoints were removed, or the database was set back"
        elif _line(rows[number]) != line:
            yield number, "was handed out and said something else"
