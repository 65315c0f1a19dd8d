"""Two files of one person, linked and parted by as many officers as it takes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from accounts.roles import OFFICER
from compliance.commands import linking
from ledger.actor import Actor

#: Two officers who have no account.
OFFICERS = (Actor(uuid4(), OFFICER), Actor(uuid4(), OFFICER))


def link(
    one: UUID, other: UUID, *, at: datetime, reason: str = "the same person", by: Sequence[Actor] = OFFICERS
) -> None:  # fmt: skip
    """Link two files: beside a stop or an open course the second officer confirms what the first asked for."""
    _together(lambda who: linking.link(files=(one, other), reason=reason, by=who, at=at, key=uuid4()), by)


def unlink(file: UUID, *, at: datetime, reason: str = "somebody else", by: Sequence[Actor] = OFFICERS) -> None:
    """Take a file out of those that it is linked with, as `link`."""
    _together(lambda who: linking.unlink(file=file, reason=reason, by=who, at=at, key=uuid4()), by)


def _together(step: Callable[[Actor], bool], officers: Sequence[Actor]) -> None:
    # More than once around, where somebody else links one of the files between two presses.
    assert any(step(who) for who in [*officers] * 3), "the second officer's press decides"
