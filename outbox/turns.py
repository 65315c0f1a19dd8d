"""Turns of the worker's regular tasks: one of a kind at a time, for a short time, and each leaves a heartbeat.

A task whose work is not done after its turn queues up again, behind the others. So none keeps another waiting, however
much there is to do and however few processes the worker has.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from zlib import crc32

from django.db import DatabaseError, InterfaceError, connection

from ledger.clock import now

from . import heartbeats

#: Seconds after which a task is ended, with its process. None takes as long as this that is not stuck.
TIME_LIMIT = 180

#: Seconds of one turn. What is begun within it is finished after it.
TURN = 10.0

#: Under this number beside a task's own is PostgreSQL's lock on its turn.
_TURNS = 4711


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of one task."""

    ends_at: float

    def is_over(self) -> bool:
        """Whether it is time for the others: begin nothing more."""
        return time.monotonic() > self.ends_at


@contextmanager
def turn(task: str) -> Iterator[Turn | None]:
    """Hold the turn of that task while the block runs. None where another process has it: there is nothing to do.

    The heartbeat is written where the block ends without an exception.
    """
    name = [_TURNS, crc32(task.encode()) - 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", name)
        held = bool(cursor.fetchone()[0])
    try:
        yield Turn(time.monotonic() + TURN) if held else None
        if held:
            heartbeats.beat(task, at=now())
    finally:
        # With a connection that was lost its lock has ended.
        if held:
            with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", name)
