"""Facts about other processes; and a web server as an installation runs it."""

import http.client
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil

from devtools.embedded import APP, OWNER
from tests import databases
from tests.config import starting
from tests.config.proxy import Proxy

ROOT, START = starting.ROOT, starting.START
CSRF = "c" * 32


def runs(pid: int) -> bool:
    """It runs, and is not merely waiting for its parent to notice that it ended."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True)
class Web:
    """A web server of two processes, as in the image.

    It reaches its database by a proxy that can hang, and its queue hangs.
    """

    port: int
    database: str
    postgres: Proxy
    queue: Proxy
    written: Path
    #: The checkout that it runs.
    code: Path = ROOT

    @property
    def environment(self) -> dict[str, str]:
        """Its settings."""
        address = f"127.0.0.1:{self.postgres.port}/{self.database}"
        return os.environ | {
            "DATABASE_URL": f"postgres://{APP}@{address}", "DATABASE_OWNER_URL": f"postgres://{OWNER}@{address}",
            "REDIS_URL": f"redis://127.0.0.1:{self.queue.port}/0", "DEMO": "true", "LOG_LEVEL": "INFO",
        }  # fmt: skip

    def start(self) -> starting.Process:
        """Start it, and wait until it answers."""
        command = ["-m", "gunicorn", "config.wsgi", "--workers", "2", "--bind", f"127.0.0.1:{self.port}"]
        with self.written.open("wb") as file:
            process = starting.start(command, file, file, env=self.environment, cwd=self.code)
        until = time.monotonic() + START
        while not self._lives():
            assert time.monotonic() < until, self.written.read_text()
            time.sleep(0.1)
        return process

    def _lives(self) -> bool:
        try:
            return self.ask("/health/live")[0] == 200
        except OSError:
            return False

    def ask(self, path: str, form: dict[str, str] | None = None, session: str = "") -> tuple[int, str]:
        """Answer and words. What is waited for without end raises TimeoutError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START)
        headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}"}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form | {"csrfmiddlewaretoken": CSRF})
        connection.request("GET" if form is None else "POST", path, body, headers)
        answer = connection.getresponse()
        words = answer.read().decode()
        connection.close()
        return answer.status, words

    @contextmanager
    def broken_at(self, table: str, statement: str) -> Iterator[None]:
        """PostgreSQL does that, in PL/pgSQL, before each change of a row of that table, as long as the block lasts."""
        with databases.owner_connection(self.database) as server:
            body = f"BEGIN {statement}; RETURN NEW; END"
            server.execute(f"CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
            server.execute(f"CREATE TRIGGER broken BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION broken()")
            try:
                yield
            finally:
                server.execute("DROP FUNCTION broken CASCADE")

    def say(self, sent: bytes) -> None:
        """Send just that, and wait until it has answered or hung up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=START) as connection:
            connection.sendall(sent)
            while connection.recv(4096):
                pass
