"""The database timeout: a request that waits too long for PostgreSQL loses its connection and answers "no decision".

PostgreSQL's own timeouts do not help when the server itself is silent: the client would wait for ever. A thread beside
the workers therefore checks the requests under way, and shuts the socket of a request that has waited too long. The
driver then raises what it raises for any lost connection, and `config.errors.fault` answers. Only the waiting counts:
a request that is slow by itself, on a busy machine, keeps its connection.

Whether the server is slow or silent, the thread finds out beside, by another connection (`config.database.breaker`).
Where it is silent, the request is cut earlier, and the next ones are refused at once.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.db import connections
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter

from config.database.breaker import breaker
from config.database.timeout import DatabaseWait, measure_outside_by, measure_wait

log = structlog.get_logger(__name__)

#: Seconds that a request may wait for the database before its connection is cut.
LIMIT = 3.0
#: Seconds for one answer outside of any request: between two of them, or in the worker. Statements end before that.
LIMIT_OUTSIDE = 6.0
#: Seconds for one answer after which the server is asked, beside, whether it answers at all; and those after which the
#: connection is cut where it does not.
SUSPECT, SILENT = 1.0, 2.0
_PAUSE = 0.25

TIMEOUTS = Counter("clearfill_database_timeouts_total", "Database connections cut because the server was silent")


@dataclass(eq=False)
class _Watched:
    wait: DatabaseWait
    in_request: bool
    cut: bool = field(default=False)


#: What is under way in this process: the requests, whichever handler answers them, and the waits outside of them.
_running: set[_Watched] = set()
_lock = threading.Lock()
_thread_of = 0


class DatabaseTimeoutMiddleware:
    """Middleware that has each request watched. One thread a process, begun with its first request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, watched."""
        if breaker.is_open:
            _forget_connection()
        with measure_wait() as wait, _Watching(wait, in_request=True):
            return self.get_response(request)


def _forget_connection() -> None:
    """To a server that is silent: nothing is asked on it, and a new one is made once it is back."""
    connection = connections["default"]
    if connection.connection is not None and not connection.in_atomic_block:
        connection.close()


def watch_everything() -> None:
    """From here on, what no request waits for is watched as well: no process waits for ever."""
    measure_outside_by(_outside)


def _outside() -> "_Watching":
    return _Watching(DatabaseWait(), in_request=False)


class _Watching:
    """While within it, a wait is under way. Written out: each statement outside of a request goes through it."""

    __slots__ = ("_watched",)

    def __init__(self, wait: DatabaseWait, *, in_request: bool) -> None:
        self._watched = _Watched(wait, in_request)

    def __enter__(self) -> DatabaseWait:
        with _lock:
            _begin()
            _running.add(self._watched)
        return self._watched.wait

    def __exit__(self, *_: object) -> None:
        with _lock:
            _running.discard(self._watched)


def _begin() -> None:
    """The thread belongs to the process: one that was forked needs its own."""
    global _thread_of
    if _thread_of != os.getpid():
        _thread_of = os.getpid()
        threading.Thread(target=_watch, name="database-timeout", daemon=True).start()


def _watch() -> None:
    while True:
        due = time.monotonic() + _PAUSE
        time.sleep(_PAUSE)
        now = time.monotonic()
        # Under the lock, so that no request ends between the choice and the cut: its connection may by then serve the
        # next one, and a cut is counted before its request is answered. Nothing here waits for the database.
        with _lock:
            for watched in _running:
                # What this thread overslept, the process did not run: a machine that was paused, or is overloaded. An
                # answer may lie ready that its request had no time to take.
                if watched.wait.since is not None:
                    watched.wait.stood_still += now - due
            if any(watched.wait.for_this_one(now) > SUSPECT for watched in _running):
                breaker.suspect()
            silent = breaker.has_silence()
            for watched in _running:
                # Cut again on each round: what follows a cut (a rollback, a new query) may hang as well.
                if _is_too_long(watched, now, silent=silent):
                    _time_out(watched)


def _is_too_long(watched: _Watched, now: float, *, silent: bool) -> bool:
    limit = LIMIT if watched.in_request else LIMIT_OUTSIDE
    return watched.wait.seconds(now) > limit or (silent and watched.wait.for_this_one(now) > SILENT)


def _time_out(watched: _Watched) -> None:
    connection = watched.wait.connection
    if connection is None:
        return
    try:
        with socket.socket(fileno=os.dup(connection.pgconn.socket)) as shared:
            shared.shutdown(socket.SHUT_RDWR)
    except Exception as error:
        log.info("database_timeout_failed", kind=type(error).__name__)
        return
    if not watched.cut:
        watched.cut = True
        TIMEOUTS.inc()
        log.error("database_timeout")
