"""A Merkle tree over the heads of all logs, as RFC 6962 builds it. Pure. Specified in `docs/record-log.md`."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from . import canonical


class LogHead(NamedTuple):
    """The head of one subject's log: the last number and its hash."""

    subject: UUID
    number: int
    hash: str


def leaf(head: LogHead) -> bytes:
    """The hash of a leaf: over zero, and over the head in its canonical form."""
    if head.hash.isalnum():
        # Nothing to escape, so the form is plain; a checkpoint of a million logs is a third quicker for it.
        text = f'{{"hash":"{head.hash}","number":{head.number},"subject":"{head.subject}"}}'.encode()
    else:
        text = canonical.encode({"hash": head.hash, "number": head.number, "subject": str(head.subject)})
    return hashlib.sha256(b"\0" + text).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The tree from the leaves up to its root. A node without a partner goes up as it is."""
    result = [list(leaves)]
    while len(result[-1]) > 1:
        below = result[-1]
        above = [_node(below[place], below[place + 1]) for place in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        result.append(above)
    return result


def root(leaves: Sequence[bytes]) -> bytes:
    """The root; for no leaves the hash of nothing."""
    return levels(leaves)[-1][0] if leaves else hashlib.sha256(b"").digest()


class GrowingTree:
    """A tree to which leaves are added from left to right, of which only the roots of whole subtrees are kept."""

    def __init__(self) -> None:
        self.leaves = 0
        self._subtrees: list[tuple[int, bytes]] = []

    def add(self, one: bytes) -> None:
        """One more leaf."""
        self.leaves += 1
        size = 1
        while self._subtrees and self._subtrees[-1][0] == size:
            one = _node(self._subtrees.pop()[1], one)
            size *= 2
        self._subtrees.append((size, one))

    def root(self) -> bytes:
        """The same as `root` gives for these leaves."""
        result = self._subtrees[-1][1] if self._subtrees else root([])
        for _size, left in reversed(self._subtrees[:-1]):
            result = _node(left, result)
        return result


#: Leaves of one block: a power of two, so that the roots of the blocks are one level of the tree.
BLOCK = 512


class Block(NamedTuple):
    """So many neighbouring leaves: the subject of the first of them, and the root of their subtree."""

    first: UUID
    root: bytes


class BlockTree:
    """A tree to which heads are added by subject; of each block of them the root is kept."""

    def __init__(self) -> None:
        self.leaves = 0
        self._blocks: list[Block] = []
        self._first = UUID(int=0)
        self._growing = GrowingTree()

    def add(self, subject: UUID, one: bytes) -> None:
        """One more leaf."""
        if not self._growing.leaves:
            self._first = subject
        self._growing.add(one)
        self.leaves += 1
        if self._growing.leaves == BLOCK:
            self._blocks.append(Block(self._first, self._growing.root()))
            self._growing = GrowingTree()

    def blocks(self) -> list[Block]:
        """The blocks, of which the last may have fewer leaves."""
        return [*self._blocks, *([Block(self._first, self._growing.root())] if self._growing.leaves else [])]

    def root(self) -> bytes:
        """The same as `root` gives for these leaves."""
        return root([block.root for block in self.blocks()])


def proof(tree: Sequence[Sequence[bytes]], place: int) -> list[tuple[str, str]]:
    """The inclusion proof of the leaf in that place: at each step the partner's hash in hex, and its side."""
    steps = []
    for level in tree[:-1]:
        partner = place ^ 1
        if partner < len(level):
            steps.append(("left" if partner < place else "right", level[partner].hex()))
        place //= 2
    return steps


def leads_to(start: bytes, steps: Sequence[tuple[str, str]]) -> bytes:
    """The root to which a proof leads from a leaf."""
    for side, partner in steps:
        other = bytes.fromhex(partner)
        start = _node(other, start) if side == "left" else _node(start, other)
    return start
