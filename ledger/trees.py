"""Inclusion proofs from blocks of a checkpoint's tree: of all heads only the neighbours of a log are read.

The roots of all blocks are kept with the checkpoint. They are worked out from the heads, and are not believed: they
must give the signed root, and the heads of a block its root. Otherwise, and for checkpoints from before, all heads are
read.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import batched
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from . import merkle
from .merkle import Block, LogHead
from .models import CheckpointTree

_SUBJECT, _HASH = 16, 32

#: The heads that neighbouring logs had at a checkpoint, by the index over subject and checkpoint.
_SELECT_HEADS = """
SELECT DISTINCT ON (subject) subject, number, hash FROM ledger_checkpointleaf
WHERE subject >= %(first)s AND subject < %(beyond)s AND checkpoint_id <= %(checkpoint)s
ORDER BY subject, checkpoint_id DESC
"""
_LAST_SUBJECT = UUID(int=2**128 - 1)


class InclusionProof(NamedTuple):
    """One log's end at one checkpoint, and what leads from it to the root."""

    checkpoint: int
    head: LogHead
    steps: list[tuple[str, str]]


def keep(checkpoint: int, blocks: Sequence[Block]) -> None:
    """Keep the roots of the blocks of that checkpoint's tree."""
    packed = b"".join(block.first.bytes + block.root for block in blocks)
    CheckpointTree(checkpoint=checkpoint, blocks=packed).save()


def proofs(checkpoint: int, root: str, subjects: Collection[UUID]) -> list[InclusionProof] | None:
    """A proof for each of these subjects that the checkpoint with that root has, by subject.

    None where no blocks are kept, or they are not those of the tree.
    """
    blocks = _blocks(checkpoint)
    if not blocks or merkle.root([block.root for block in blocks]).hex() != root:
        return None
    above, firsts = merkle.levels([block.root for block in blocks]), [block.first for block in blocks]
    result = []
    for subject in sorted(subjects):
        place = bisect_right(firsts, subject) - 1
        if place < 0:
            continue
        heads = _heads(checkpoint, firsts[place], firsts[place + 1] if place + 1 < len(firsts) else None)
        levels = merkle.levels([merkle.leaf(head) for head in heads])
        if levels[-1] != [blocks[place].root]:
            return None
        for within, head in enumerate(heads):
            if head.subject == subject:
                steps = [*merkle.proof(levels, within), *merkle.proof(above, place)]
                result.append(InclusionProof(checkpoint, head, steps))
    return result


def _blocks(checkpoint: int) -> list[Block]:
    packed = CheckpointTree.objects.filter(checkpoint=checkpoint).values_list("blocks", flat=True).first()
    parts = batched(bytes(packed or b""), _SUBJECT + _HASH)
    return [
        Block(UUID(bytes=bytes(part[:_SUBJECT])), bytes(part[_SUBJECT:]))
        for part in parts
        if len(part) == _SUBJECT + _HASH
    ]


def _heads(checkpoint: int, first: UUID, beyond: UUID | None) -> list[LogHead]:
    """The heads at a checkpoint from that subject on, up to the first of the next block."""
    sql = _SELECT_HEADS if beyond else _SELECT_HEADS.replace("<", "<=", 1)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"first": first, "beyond": beyond or _LAST_SUBJECT, "checkpoint": checkpoint})
        return [LogHead(*row) for row in cursor.fetchall()]
