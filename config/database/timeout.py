"""The waiting time of a request for the database, measured where the driver waits. `database_timeout` reads it."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import psycopg


@dataclass(eq=False, slots=True)
class DatabaseWait:
    """What one request has waited for answers, in seconds; its own thread writes it, the database timeout's reads
    it."""

    before: float = 0.0
    since: float | None = None
    #: The connection on which an answer is out, or was last.
    connection: "Connection | None" = None
    #: Seconds in which the whole process stood still, which nobody waited. The database timeout's thread writes it.
    stood_still: float = 0.0

    def seconds(self, now: float) -> float:
        """All of it, with the answer that is still out. Zero while none is: who computes does not wait."""
        since = self.since
        return 0.0 if since is None else self.before + now - since - self.stood_still

    def for_this_one(self, now: float) -> float:
        """Seconds for the answer that is still out. Zero while none is."""
        since = self.since
        return 0.0 if since is None else now - since - self.stood_still


_current: ContextVar[DatabaseWait | None] = ContextVar("database_wait", default=None)


#: What measures and watches a wait outside of any request; None: nobody does.
_outside: Callable[[], AbstractContextManager[DatabaseWait]] | None = None


def measure_outside_by(watched: Callable[[], AbstractContextManager[DatabaseWait]]) -> None:
    """From here on, also what no request waits for is measured: each wait by itself, within what `watched` gives."""
    global _outside
    _outside = watched


@contextmanager
def measure_wait() -> Iterator[DatabaseWait]:
    """Measure what this thread waits for the database until the block ends."""
    waiting = DatabaseWait()
    token = _current.set(waiting)
    try:
        yield waiting
    finally:
        _current.reset(token)


class Connection(psycopg.Connection[Any]):
    """As psycopg's; says since when an answer is out. Every statement, commit and rollback waits here."""

    def wait(self, *args: Any, **kwargs: Any) -> Any:
        """Wait for one answer."""
        waiting = _current.get()
        if waiting is not None:
            return self._wait_measured(waiting, *args, **kwargs)
        if _outside is None:
            return super().wait(*args, **kwargs)
        with _outside() as waiting:
            return self._wait_measured(waiting, *args, **kwargs)

    def _wait_measured(self, waiting: DatabaseWait, *args: Any, **kwargs: Any) -> Any:
        waiting.connection = self
        begun = waiting.since = time.monotonic()
        try:
            return super().wait(*args, **kwargs)
        finally:
            waiting.since = None
            waiting.before += time.monotonic() - begun


#: psycopg as Django's backend knows it, but that it makes these connections.
DRIVER: Any = SimpleNamespace(**vars(psycopg) | {"connect": Connection.connect})
