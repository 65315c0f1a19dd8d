"""A worker as an installation runs it, whose database can be cut off, hang, or be restarted."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
import psycopg
import redis
from django.conf import settings
from kombu import Connection

from config.celery import app
from devtools.embedded import APP, OWNER
from outbox import heartbeats
from tests import workers
from tests.config import starting
from tests.config.processes import ROOT, START
from tests.config.proxy import Proxy, hang_up

#: Each task that leaves a heartbeat.
TASKS = {
    heartbeats.SWEEP: "notifications.tasks.sweep",
    heartbeats.DELIVER: "outbox.tasks.deliver",
    heartbeats.SIGNED_PDFS: "compliance.signing.pdf.tasks.make",
}


def queue_number() -> int:
    """Which of the queue's databases the worker of these tests has, in each process of the tests another one: no other
    test's tasks come to it, and no other worker takes its own."""
    return 7 + workers.NUMBER % 8


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker of one process, and what is known of it."""

    database: str
    socket: Path
    postgres: Proxy
    queue: str
    written: Path
    #: Its main process.
    pids: list[int] = field(default_factory=list)

    def ask(self, *tasks: str, wait: float = 0.0) -> None:
        """Have it carry out those tasks, in that order, after so many seconds."""
        with Connection(self.queue) as connection:
            for task in tasks or tuple(TASKS):
                app.send_task(TASKS[task], connection=connection, countdown=wait)

    def beats(self) -> dict[str, datetime]:
        """When each task was last done."""
        with self.server() as server:
            return dict(server.execute("SELECT task, at FROM outbox_heartbeat").fetchall())

    def works(self, *, seconds: float = START) -> float:
        """Wait until each task was done once more than now; the seconds that this took."""
        begun, at = time.monotonic(), datetime.now(UTC)
        while not all(self.beats().get(task, at) > at for task in TASKS):
            assert time.monotonic() - begun < seconds, (self.beats(), self.written.read_text()[-5000:])
            self.wait_until_idle()
            self.ask()
            time.sleep(0.1)
        return time.monotonic() - begun

    def wait_until_idle(self) -> None:
        """Wait until it has taken whatever it was asked for."""
        queue = redis.Redis.from_url(self.queue.replace("redis+socket", "unix").replace("virtual_host", "db"))
        until = time.monotonic() + 5
        while queue.exists("celery", "documents") and time.monotonic() < until:
            time.sleep(0.05)

    def failures(self) -> list[dict[str, Any]]:
        """The tasks that failed, as it has written of them."""
        lines = (json.loads(line) for line in self.written.read_text().splitlines() if line.startswith("{"))
        return [line for line in lines if "raised unexpected" in line["event"]]

    def end_connections(self) -> None:
        """PostgreSQL ends every connection of the application's, as it does when it is restarted."""
        with self.server() as server:
            text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
            server.execute(text, [self.database, APP])

    def server(self) -> psycopg.Connection[Any]:
        """A connection of the tests' own, as the owner."""
        return psycopg.connect(host=str(self.socket.parent), user=OWNER, dbname=self.database, autocommit=True)

    def cut(self) -> None:
        """What stands between the worker and PostgreSQL closes every connection, as a firewall does."""
        for end in list(self.postgres.open):
            hang_up(end)
            self.postgres.open.remove(end)

    def kill(self) -> None:
        """End it and its processes at once, as a machine that runs out of memory does."""
        main = psutil.Process(self.pids[0])
        every = [main, *main.children(recursive=True)]
        for process in every:
            process.kill()
        psutil.wait_procs(every[1:], timeout=10)


@contextmanager
def running(
    database: str, socket: Path, folder: Path, more: Mapping[str, str] = MappingProxyType({}), *, code: Path = ROOT
) -> Iterator[Worker]:
    """A worker on that database of the PostgreSQL with that socket, as long as the block lasts.

    `code` is the checkout that it runs; `more` are variables of its environment, such as another queue that leads to
    the same place.
    """
    own = f"redis+socket://{Path(os.environ['CLEARFILL_FOLDER']) / 'redis' / 'sock'}?virtual_host={queue_number()}"
    worker = Worker(database, socket, Proxy(socket), own, folder / "worker")
    address = f"127.0.0.1:{worker.postgres.port}/{database}"
    env = os.environ | {
        "DATABASE_URL": f"postgres://{APP}@{address}", "DATABASE_OWNER_URL": f"postgres://{OWNER}@{address}",
        "REDIS_URL": own, "DEMO": "true", "LOG_LEVEL": "INFO",
        # Django's checks are as long as the rest of its start; they are seen where an installation is walked through.
        "CELERY_SKIP_CHECKS": "yes",
        # Making a key takes as long as all else that a worker does to start: those of the tests' own process will do.
        "KEYS_FOLDER": str(settings.KEYS_FOLDER), "CHECKPOINT_FOLDER": str(folder / "checkpoints"),
    } | dict(more)  # fmt: skip
    quietly = "ignore:You're running the worker"
    command = ["-W", quietly, "-m", "celery", "-A", "config", "--quiet", "worker", "--concurrency", "1"]
    with worker.written.open("wb") as file:
        process = starting.start(command, file, file, env=env, cwd=code)
    worker.pids.append(process.pid)
    try:
        yield worker
    finally:
        process.terminate()
        process.wait(START)
        worker.postgres.close()
