"""Checkpoints: all log heads under one signed Merkle root, chained and published, with inclusion proofs for bundles.

A chain of hashes alone does not show that its tail was cut off, or that all of it was written anew; a signed root
that somebody else keeps does.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from . import canonical, keys, merkle, minutes, trees
from .merkle import LogHead
from .models import Checkpoint, CheckpointLeaf, MinuteCheckpoint
from .trees import InclusionProof

#: What is signed, and what is hashed for the chain.
SIGNED = ("at", "key", "leaves", "number", "previous", "root")

#: A record is written at most so long after the instant it bears. What is dated further before a checkpoint than
#: that, and not in it, was put there later. `verify.py` has the same.
SLACK = timedelta(minutes=5)

_LOCK = 772_001

#: The ends of all logs, from the records alone: nothing that is written beside them says where to look. Beside each the
#: head in the last checkpoint's tree, and the hash that this very record has now. Where it still is the end, that is
#: the hash of the end: a second record is read only of a log that went on.
_SELECT_HEADS = """
SELECT coalesce(head.subject, signed.subject) AS log, head.number, head.hash, signed.number, signed.hash,
    CASE WHEN signed.number = head.number THEN head.hash ELSE (
        SELECT hash FROM ledger_record AS record
        WHERE record.subject = signed.subject AND record.number = signed.number
    ) END
FROM (
    SELECT subject, number, hash FROM ledger_record
    JOIN (SELECT subject, max(number) AS number FROM ledger_record GROUP BY subject) AS ends USING (subject, number)
) AS head FULL JOIN (
    SELECT DISTINCT ON (subject) subject, number, hash FROM ledger_checkpointleaf
    WHERE checkpoint_id <= %s ORDER BY subject, checkpoint_id DESC
) AS signed ON signed.subject = head.subject
ORDER BY log
"""

#: Heads read and written at a time: memory stays the same however many logs there are.
_HEADS_AT_ONCE = 5000


class NotAsSigned(RuntimeError):
    """Records differ from an earlier checkpoint, so no new one is signed. `problems` are sentences."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"{len(problems)} things are not as they were signed; the first: {problems[0]}")
        self.problems = tuple(problems)


def signed_payload(checkpoint: Checkpoint) -> dict[str, Any]:
    """The signed payload of a checkpoint: plain data."""
    return {
        "at": canonical.instant(checkpoint.at),
        "key": checkpoint.key,
        "leaves": checkpoint.leaves,
        "number": checkpoint.number,
        "previous": checkpoint.previous,
        "root": checkpoint.root,
    }


def public_form(checkpoint: Checkpoint) -> dict[str, Any]:
    """The public form of a checkpoint."""
    return signed_payload(checkpoint) | {"hash": checkpoint.hash, "signature": checkpoint.signature}


def make(*, at: datetime) -> Checkpoint:
    """A checkpoint of all logs now. One at a time; those who come meanwhile wait.

    Raises NoKeys, and NotAsSigned where the log or the last checkpoint is not as it was signed.
    """
    signer = keys.checkpoint_key()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            # A million logs take longer than a page may.
            cursor.execute("SET LOCAL statement_timeout = '10min'")
            # The index has the ends of logs and their hashes: a small part of the table that the planner would read.
            cursor.execute("SET LOCAL random_page_cost = 1.1")
        previous = Checkpoint.objects.order_by("-number").first()
        number = previous.number + 1 if previous else 1
        tree = _read_heads(previous, number)
        checkpoint = Checkpoint(
            number=number,
            at=max(at, previous.at) if previous else at,
            leaves=tree.leaves,
            root=tree.root().hex(),
            previous=previous.hash if previous else "",
            key=keys.name_of(keys.public_bytes(signer)),
        )
        signed = canonical.encode(signed_payload(checkpoint))
        checkpoint.hash, checkpoint.signature = canonical.digest(signed_payload(checkpoint)), signer.sign(signed).hex()
        checkpoint.save(force_insert=True)
        trees.keep(number, tree.blocks())
    return checkpoint


def _read_heads(last: Checkpoint | None, number: int) -> merkle.BlockTree:
    """The tree of all logs now; the heads that changed are written as those of checkpoint `number`.

    Raises NotAsSigned where the last checkpoint, its heads or the minutes are not as they were signed.
    """
    tree, before = merkle.BlockTree(), merkle.GrowingTree()
    problems: list[str] = []
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SELECT_HEADS, [last.number if last else 0])
        while rows := cursor.fetchmany(_HEADS_AT_ONCE):
            changed = []
            for subject, *values, current in rows:
                head, signed = (LogHead(subject, *pair) if pair[0] else None for pair in batched(values, 2))
                leaf = merkle.leaf(head) if head else b""
                if head:
                    tree.add(subject, leaf)
                if signed:
                    before.add(leaf if signed == head else merkle.leaf(signed))
                    if current != signed.hash:
                        what = WAS_OTHERWISE if current else IS_MISSING
                        problems.append(f"log {subject}, record {signed.number}, {what}")
                if head and signed != head:
                    changed.append(head)
            _write_heads(number, changed)
    _ensure_as_signed(last, before, problems)
    return tree


def _ensure_as_signed(last: Checkpoint | None, before: merkle.GrowingTree, problems: Sequence[str]) -> None:
    """Raises NotAsSigned: with the `problems` of single logs, and with those of the checkpoint and of the minutes."""
    found = [f"checkpoint {last.number} {what}" for what in _unsigned(last, keys.known())] if last else []
    if last and (last.leaves, last.root) != (before.leaves, before.root().hex()):
        found.append(f"checkpoint {last.number} {ROOT_DIFFERS}")
    if found := [*found, *problems, *_minute_problems(last)]:
        raise NotAsSigned(found)


def _write_heads(number: int, heads: Sequence[LogHead]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY_HEADS) as copy:
        for head in heads:
            copy.write_row((number, *head))


_COPY_HEADS = "COPY ledger_checkpointleaf (checkpoint_id, subject, number, hash) FROM STDIN"


def _minute_problems(last: Checkpoint | None) -> list[str]:
    """What the minutes since that checkpoint signed, and is so no more."""
    since = last.number if last else 0
    return [f"minute checkpoint {number} {what}" for number, what in minutes.problems(since=since)]


#: Logs whose last record is not the head that the newest checkpoints have of them.
_SELECT_UNCOVERED = """
SELECT log.subject FROM unnest(%s::uuid[]) AS log (subject)
LEFT JOIN LATERAL (
    SELECT number, hash FROM ledger_record record WHERE record.subject = log.subject ORDER BY number DESC LIMIT 1
) AS head ON true
LEFT JOIN LATERAL (
    SELECT number, hash FROM ledger_checkpointleaf leaf WHERE leaf.subject = log.subject
    ORDER BY checkpoint_id DESC LIMIT 1
) AS signed ON true
WHERE (head.number, head.hash) IS DISTINCT FROM (signed.number, signed.hash)
"""


def is_covered(subjects: Collection[UUID]) -> bool:
    """Whether the newest checkpoint is signed, and has the logs of these subjects to their ends, as its tree says.

    By index, however many logs there are.
    """
    newest = Checkpoint.objects.order_by("-number").first()
    if newest is None or any(_unsigned(newest, keys.known())):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_UNCOVERED, [list(subjects)])
        if cursor.fetchone() is not None:
            return False
    found = trees.proofs(newest.number, newest.root, subjects)
    return found is not None and len(found) == len({*subjects})


def make_minute(*, at: datetime) -> MinuteCheckpoint | None:
    """Sign what was written since the last checkpoint; None where nothing was. Raises NoKeys and NotAsSigned."""
    with transaction.atomic():
        problems = [*_minute_problems(Checkpoint.objects.order_by("-number").first()), *minutes.otherwise()]
        if problems:
            raise NotAsSigned(problems)
        return minutes.make(at=at)


ROOT_DIFFERS = "has another root than that of the logs it was made of"
WAS_OTHERWISE = "was otherwise at a checkpoint"
IS_MISSING = "is missing, and was there at a checkpoint"


def fits(checkpoint: Checkpoint, leaves: Sequence[bytes]) -> bool:
    """Whether these are the leaves of which the checkpoint was made."""
    return checkpoint.leaves == len(leaves) and checkpoint.root == merkle.root(leaves).hex()


def merkle_trees(numbers: Collection[int]) -> Iterator[tuple[int, list[LogHead], list[bytes]]]:
    """The trees of these checkpoints in their order: number, heads by subject, and their leaves. One pass."""
    heads: dict[UUID, LogHead] = {}
    leaves: dict[UUID, bytes] = {}
    rows = CheckpointLeaf.objects.order_by("checkpoint_id", "subject")
    changes = rows.values_list("checkpoint_id", "subject", "number", "hash").iterator(chunk_size=5000)
    change = next(changes, None)
    for number in sorted(numbers):
        while change is not None and change[0] <= number:
            head = LogHead(*change[1:])
            heads[head.subject], leaves[head.subject] = head, merkle.leaf(head)
            change = next(changes, None)
        subjects = sorted(heads)
        yield number, [heads[subject] for subject in subjects], [leaves[subject] for subject in subjects]


def heads(number: int) -> list[LogHead]:
    """All heads of the tree of checkpoint `number`, by subject."""
    ((_number, result, _leaves),) = merkle_trees([number])
    return result


def proofs(wanted: Mapping[int, Collection[UUID]]) -> Iterator[InclusionProof]:
    """At each of these checkpoints a proof for each of its subjects that the checkpoint has.

    Where the blocks of a checkpoint's tree are kept, only those of the subjects are read; else all heads are.
    """
    roots = dict(Checkpoint.objects.filter(number__in=wanted).values_list("number", "root"))
    found = {number: trees.proofs(number, roots[number], wanted[number]) for number in wanted if number in roots}
    whole = [number for number in wanted if found.get(number) is None]
    for number, result, leaves in merkle_trees(whole) if whole else ():
        levels = merkle.levels(leaves)
        found[number] = [
            InclusionProof(number, head, merkle.proof(levels, place))
            for place, head in enumerate(result)
            if head.subject in wanted[number]
        ]
    for number in sorted(wanted):
        yield from found[number] or []


def publish(folder: Path | None = None) -> list[Path]:
    """Write every checkpoint that is not in the folder yet to a file of its own there; the files written."""
    folder = folder or settings.CHECKPOINT_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    present = {path.name for path in folder.glob("checkpoint-*.json")}
    written = []
    for checkpoint in Checkpoint.objects.order_by("number").iterator(chunk_size=1000):
        path = folder / file_name(checkpoint.number)
        if path.name not in present:
            part = path.with_suffix(".part")
            part.write_text(_text(checkpoint))
            part.rename(path)
            written.append(path)
    return written


def _text(checkpoint: Checkpoint) -> str:
    """The content of a checkpoint's file."""
    return json.dumps(public_form(checkpoint), indent=1, sort_keys=True) + "\n"


def file_name(number: int) -> str:
    """The name of the file of a checkpoint."""
    return f"checkpoint-{number:08d}.json"


def mismatches(folder: Path | None = None, *, newest_only: bool = False) -> Iterator[tuple[int, str]]:
    """Mismatches between published files and the database: number and words.

    The newest file binds all before it, as long as the chain of checkpoints holds.
    """
    files = sorted((folder or settings.CHECKPOINT_FOLDER).glob(f"checkpoint-{'[0-9]' * 8}.json"))
    for path in files[-1:] if newest_only else files:
        number = int(path.stem.removeprefix("checkpoint-"))
        checkpoint = Checkpoint.objects.filter(number=number).first()
        if checkpoint is None:
            yield number, "was handed out and is gone: checkpoints were removed, or the database was set back"
        elif path.read_text() != _text(checkpoint):
            yield number, "was handed out and said something else"


def problems(checkpoints: Sequence[Checkpoint], known: Mapping[str, bytes]) -> list[tuple[int, str]]:
    """Problems of these checkpoints, which are in order from the first: number and words."""
    result, previous = [], ""
    for place, checkpoint in enumerate(checkpoints, 1):
        if checkpoint.number != place:
            result.append((checkpoint.number, "does not follow on the one before: a checkpoint is missing"))
            break
        if checkpoint.previous != previous:
            result.append((place, "does not carry the hash of the checkpoint before it"))
        result += [(place, what) for what in _unsigned(checkpoint, known)]
        previous = checkpoint.hash
    return result


def _unsigned(checkpoint: Checkpoint, known: Mapping[str, bytes]) -> Iterator[str]:
    """Problems of one checkpoint's hash and signature."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if checkpoint.hash != canonical.digest(signed_payload(checkpoint)):
        yield "was changed: its hash is not that of what it says"
    try:
        public_key = Ed25519PublicKey.from_public_bytes(known[checkpoint.key])
        public_key.verify(bytes.fromhex(checkpoint.signature), canonical.encode(signed_payload(checkpoint)))
    except (InvalidSignature, KeyError, ValueError):
        yield "is not signed by the program's key"
