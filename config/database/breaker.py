"""A circuit breaker for PostgreSQL: what one request found out, that the server is silent, the next one need not.

While it is open, nobody waits for a connection. Whoever needs one has the server asked anew, beside, and waits for that
a moment: so everybody is refused at once while it is silent, and the first to come when it is back is served.
"""

import select
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import psycopg
import structlog
from prometheus_client import Gauge

log = structlog.get_logger(__name__)

#: Seconds for which whoever needs a connection waits for the server to be back.
GRACE = 0.2

#: Seconds after which a server that was asked, and has not answered, counts as silent.
SILENT = 1.0

#: Probes that are out at one time, at most. Each ends by itself after some seconds.
_MOST = 12

OPEN = Gauge("clearfill_database_silent", "Whether this process found PostgreSQL silent, and refuses at once")


class Silent(psycopg.OperationalError):
    """PostgreSQL was silent a moment ago, and still is."""


class Breaker:
    """Of one process. Any thread may call it."""

    def __init__(self) -> None:
        self.is_open = False
        self._parameters: Mapping[str, Any] | None = None
        self._changed = threading.Condition()
        #: When each probe went out that has not come back.
        self._out: list[float] = []

    def remember(self, parameters: Mapping[str, Any]) -> None:
        """By these a connection is made: the probes use them, too."""
        self._parameters = parameters

    def suspect(self) -> None:
        """Somebody has waited for long: ask the server, unless it is being asked."""
        with self._changed:
            if not self._out:
                self._ask()

    def has_silence(self) -> bool:
        """Whether the server was asked and has not answered; if so, it is open from here on."""
        with self._changed:
            if not self.is_open and self._out and time.monotonic() - self._out[0] > SILENT:
                self._open()
            return self.is_open

    def trip(self) -> None:
        """The server did not even answer to a new connection."""
        with self._changed:
            self._open()

    def check(self) -> None:
        """Nothing while it is closed; else ask the server anew, and raise Silent where it does not answer at once."""
        if not self.is_open:
            return
        with self._changed:
            self._ask()
            if not self._changed.wait_for(lambda: not self.is_open, GRACE):
                raise Silent("the database was silent a moment ago")

    def _open(self) -> None:
        if not self.is_open:
            self.is_open = True
            OPEN.set(1)
            log.error("database_silent")

    def _ask(self) -> None:
        if self._parameters is None or len(self._out) >= _MOST:
            return
        began = time.monotonic()
        self._out.append(began)
        threading.Thread(target=self._probe, args=(began, self._parameters), name="database-probe", daemon=True).start()

    def _probe(self, began: float, parameters: Mapping[str, Any]) -> None:
        answered = _answers(parameters)
        with self._changed:
            if began in self._out:
                self._out.remove(began)
            if not answered:
                return
            # What went out before, to a server that was silent then, says nothing more.
            self._out.clear()
            if self.is_open:
                self.is_open = False
                OPEN.set(0)
                log.warning("database_back")
            self._changed.notify_all()


def _answers(parameters: Mapping[str, Any]) -> bool:
    """Whether the server takes a new connection and answers on it, each within two seconds."""
    try:
        with closing(psycopg.connect(**parameters)) as connection:
            connection.pgconn.send_query(b"SELECT 1")
            return bool(select.select([connection.pgconn.socket], [], [], 2.0)[0])
    except (psycopg.Error, OSError):
        return False


#: This process's, for the connections by which it serves.
breaker = Breaker()
