"""A patient's record by months, newest first. A signature stands once, below all that it covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, groupby

from django.utils.translation import gettext as translated

from ui import times
from ui.navigation import Words
from web.shared.manifestations import SignatureManifestation

from .correction_links import Way

#: So many of the newest months are open; those before are opened by a press.
OPEN = 1

#: Of an open month so many entries are in sight, or one block: about what a fill and its month are made of.
IN_SIGHT = 7


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record as a line of the patient's history."""

    number: int
    at: datetime
    title: Words
    text: str
    voided: bool
    #: Where it is put right, for a reader who may.
    ways: tuple[Way, ...]
    by: str
    manifestation: SignatureManifestation | None


@dataclass(frozen=True, slots=True)
class SignedLines:
    """Entries that one signature covers and that stand together; or one that none covers."""

    lines: Sequence[RecordLine]
    manifestation: SignatureManifestation | None


@dataclass(frozen=True, slots=True)
class RecordMonth:
    """What was entered in one month of the program's calendar, or in the earlier part of it."""

    label: str
    blocks: Sequence[SignedLines]
    is_open: bool

    @property
    def count(self) -> int:
        """How many entries they are."""
        return sum(len(block.lines) for block in self.blocks)


def by_month(lines: Sequence[RecordLine]) -> list[RecordMonth]:
    """The lines, which are in order, by the month in which each was entered."""
    months: list[RecordMonth] = []
    for place, (label, own) in enumerate(groupby(lines, key=lambda line: times.month(line.at))):
        blocks = _blocks(list(own))
        if place >= OPEN:
            months.append(RecordMonth(label, blocks, is_open=False))
            continue
        first = _in_sight(blocks)
        months.append(RecordMonth(label, blocks[:first], is_open=True))
        if blocks[first:]:
            earlier = translated("Earlier in %(month)s") % {"month": label}
            months.append(RecordMonth(earlier, blocks[first:], is_open=False))
    return months


def _in_sight(blocks: Sequence[SignedLines]) -> int:
    """How many of a month's blocks are shown at once."""
    sums = accumulate(len(block.lines) for block in blocks)
    return max(1, sum(count <= IN_SIGHT for count in sums))


def _blocks(lines: Sequence[RecordLine]) -> list[SignedLines]:
    """Neighbours of one signature together. What no signature covers stands alone."""
    blocks = []
    for _number, own in groupby(
        lines, key=lambda line: line.manifestation.number if line.manifestation else -line.number
    ):
        together = list(own)
        blocks.append(SignedLines(together, together[0].manifestation))
    return blocks
