"""The one place that reads the clock. Views and tasks read it once and pass the instant down.

A command may wait for its locks. What it writes is dated after the wait: `after_wait` brings an instant that `now` gave
up to date. Any other instant is the caller's own, and stays as it is.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

#: How far the clock of this machine may be from PostgreSQL's.
TOLERANCE = timedelta(seconds=5)

#: Seconds for which a comparison of the two clocks holds, in this process; many decisions a second share one.
HOLDS = 1.0

#: How far this machine's clock may run from its counter of seconds meanwhile. Beyond, somebody has set it.
_STEP = timedelta(milliseconds=100)


class ClockFault(RuntimeError):
    """This machine's clock and PostgreSQL's differ too much. No decision can be made."""


@dataclass(slots=True)
class _Reading:
    """What the clock said, what the machine's counter of seconds said then, and the latest instant made of it."""

    at: datetime
    counted: float
    latest: datetime
    #: The clock that was read.
    clock: Callable[[], datetime] | None


#: The latest reading, of this thread or task.
_reading: ContextVar[_Reading | None] = ContextVar("reading", default=None)

_instead: Callable[[], datetime] | None = None


def override(clock: Callable[[], datetime] | None) -> None:
    """Read `clock` instead, for tests and journeys; None gives the real one back."""
    global _instead
    _instead = clock


def now() -> datetime:
    """The instant, in UTC. Raises ClockFault when PostgreSQL's clock says otherwise."""
    at = _instead() if _instead is not None else _checked()
    _reading.set(_Reading(at, time.monotonic(), at, _instead))
    return at


def for_display() -> datetime:
    """The instant, to say on a page what day it is. Nothing is decided by it, and no database is asked."""
    return _instead() if _instead is not None else datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """What the machine's clock and counter said when PostgreSQL's clock was read, and how far that was away."""

    at: datetime
    counted: float
    away: timedelta

    def holds(self, at: datetime, counted: float) -> bool:
        passed = counted - self.counted
        return passed < HOLDS and abs(at - self.at - timedelta(seconds=passed)) < _STEP


_comparison: _Comparison | None = None


def _checked() -> datetime:
    global _comparison
    ours, counted = datetime.now(UTC), time.monotonic()
    if _comparison is None or not _comparison.holds(ours, counted):
        ours, counted, theirs = _compared()
        _comparison = _Comparison(ours, counted, abs(ours - theirs))
    if _comparison.away > TOLERANCE:
        raise ClockFault("this machine's clock differs from the database's")
    return ours


def _compared() -> tuple[datetime, float, datetime]:
    """This machine's clock and counter, and PostgreSQL's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    return datetime.now(UTC), time.monotonic(), theirs


def after_wait(at: datetime) -> datetime:
    """The instant of now, for one that `now` gave here and that may have waited since; any other as it is."""
    reading = _reading.get()
    if reading is None or reading.clock is not _instead or at not in (reading.at, reading.latest):
        return at
    waited = timedelta(seconds=time.monotonic() - reading.counted)
    reading.latest = max(at, _instead() if _instead is not None else reading.at + waited)
    return reading.latest
