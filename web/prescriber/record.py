"""A patient's record by months, newest first. A signature stands once, below all that it covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from ui import times
from ui.navigation import Words
from web.shared.manifestations import SignatureManifestation

from .correction_links import Way

#: So many of the newest months are open; those before are opened by a press.
OPEN = 1


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
    """What was entered in one month of the program's calendar."""

    label: str
    blocks: Sequence[SignedLines]
    is_open: bool

    @property
    def count(self) -> int:
        """How many entries they are."""
        return sum(len(block.lines) for block in self.blocks)


def by_month(lines: Sequence[RecordLine]) -> list[RecordMonth]:
    """The lines, which are in order, by the month in which each was entered."""
    months = groupby(lines, key=lambda line: times.month(line.at))
    return [RecordMonth(label, _blocks(list(own)), place < OPEN) for place, (label, own) in enumerate(months)]


def _blocks(lines: Sequence[RecordLine]) -> list[SignedLines]:
    """Neighbours of one signature together. What no signature covers stands alone."""
    blocks = []
    for _number, own in groupby(
        lines, key=lambda line: line.manifestation.number if line.manifestation else -line.number
    ):
        together = list(own)
        blocks.append(SignedLines(together, together[0].manifestation))
    return blocks
