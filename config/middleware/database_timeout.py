"""The database timeout: a request that waits too long for PostgreSQL loses its connection and answers "no decision".

PostgreSQL's own timeouts do not help when the server itself is silent: the client would wait for ever. A thread beside
the workers therefore checks the requests under way, and shuts the socket of a request that has waited too long. The
driver then raises what it raises for any lost connection, and `config.errors.fault` answers. Only the waiting counts:
a request that is slow by itself, on a busy machine, keeps its connection.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter

from config.database.timeout import DatabaseWait, measure_wait

log = structlog.get_logger(__name__)

#: Seconds that a request may wait for the database before its connection is cut. A new one may then take two more.
LIMIT = 3.0
_PAUSE = 0.25

TIMEOUTS = Counter("clearfill_database_timeouts_total", "Database connections cut because the server was silent")


@dataclass(eq=False)
class _RunningRequest:
    wait: DatabaseWait
    connection: BaseDatabaseWrapper
    cut: bool = field(default=False)


#: The requests under way in this process, whichever handler answers them.
_running: set[_RunningRequest] = set()
_lock = threading.Lock()
_thread_of = 0


class DatabaseTimeoutMiddleware:
    """Middleware that has each request watched. One thread a process, begun with its first request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, watched."""
        with measure_wait() as wait:
            watched = _RunningRequest(wait, connections["default"])
            with _lock:
                _begin()
                _running.add(watched)
            try:
                return self.get_response(request)
            finally:
                with _lock:
                    _running.discard(watched)


def _begin() -> None:
    """The thread belongs to the process: one that was forked needs its own."""
    global _thread_of
    if _thread_of != os.getpid():
        _thread_of = os.getpid()
        threading.Thread(target=_watch, name="database-timeout", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(_PAUSE)
        now = time.monotonic()
        # Under the lock, so that no request ends between the choice and the cut: its connection may by then serve the
        # next one, and a cut is counted before its request is answered. Nothing here waits for the database.
        with _lock:
            for watched in _running:
                # Cut again on each round: what follows a cut (a rollback, a new query) may hang as well.
                if watched.wait.seconds(now) > LIMIT:
                    _time_out(watched)


def _time_out(watched: _RunningRequest) -> None:
    connection = watched.connection.connection
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
