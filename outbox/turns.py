"""Turns of the worker's regular tasks: one of a kind at a time, or a few, for a short time. Each leaves a heartbeat.

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

#: Under this number beside a task's own is PostgreSQL's lock on its turn; of a task that has several places, on the
#: first of them, and under the numbers that follow on the others.
_TURNS = 4711


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of one task."""

    ends_at: float

    def is_over(self) -> bool:
        """Whether it is time for the others: begin nothing more."""
        return time.monotonic() > self.ends_at


@contextmanager
def turn(task: str, *, places: int = 1) -> Iterator[Turn | None]:
    """Hold the turn of that task while the block runs. None where other processes have it: there is nothing to do.

    So many processes as there are `places` may have it at once. The heartbeat is written where the block ends without
    an exception.
    """
    held = next((place for place in range(places) if _asked("SELECT pg_try_advisory_lock(%s, %s)", task, place)), None)
    try:
        yield Turn(time.monotonic() + TURN) if held is not None else None
        if held is not None:
            heartbeats.beat(task, at=now())
    finally:
        # With a connection that was lost its lock has ended.
        if held is not None:
            with suppress(DatabaseError, InterfaceError):
                _asked("SELECT pg_advisory_unlock(%s, %s)", task, held)


def _asked(sql: str, task: str, place: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [_TURNS + place, crc32(task.encode()) - 2**31])
        return bool(cursor.fetchone()[0])
