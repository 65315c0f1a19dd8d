"""PostgreSQL is restarted under all that an installation runs: the web server, the worker and two beats."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from devtools import embedded
from devtools.embedded import DATABASE
from tests import amount
from tests.config.processes import ROOT, START, Web, free_port
from tests.config.proxy import Proxy
from tests.config.test_reliability import ids, letters, undelivered, wait_for
from tests.config.worker import Worker, running
from tests.smtp import MailServer, mail_server

__all__ = ["mail_server"]

pytestmark = pytest.mark.skipif(
    not amount.EVERYTHING, reason="starts a PostgreSQL of its own and waits for beat, with `bin/test --all`"
)

#: Seconds within which beat asks for each task once.
ROUND = 60.0


@pytest.fixture
def postgres() -> Iterator[Path]:
    """The folder of a PostgreSQL of its own, with a migrated database."""
    base = embedded.folder(f"test-{os.getpid()}-restarted")
    try:
        embedded.ensure_postgres(base)
        env = {name: value for name, value in os.environ.items() if name != "CLEARFILL_DATABASE"}
        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(migrate, cwd=ROOT, env=env | {"CLEARFILL_FOLDER": str(base)}, check=True)
        yield base
    finally:
        embedded.stop(base, delete=True)


def restart(base: Path, meanwhile: Callable[[], object]) -> None:
    embedded.stop(base)
    meanwhile()
    embedded.ensure_postgres(base)


@contextmanager
def beating(worker: Worker, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A beat that asks the worker, as long as the block lasts."""
    folder.mkdir()
    command = ["-m", "celery", "-A", "config", "--quiet", "beat", "--schedule", str(folder / "beat")]
    env = os.environ | {"REDIS_URL": worker.queue, "DEMO": "true"}
    with (folder / "written").open("wb") as file:
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=file, stderr=file)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(START)


def answers(web: Web, status: int) -> bool:
    """What writes a row is answered so: a practice that wants to register."""
    return web.ask("/register/practice/", {"email": f"{uuid4()}@example.org", "key": str(uuid4())})[0] == status


def test_after_a_restart_of_postgresql_everything_goes_on(
    postgres: Path, mail_server: MailServer, tmp_path: Path
) -> None:
    socket = postgres / "pg" / ".s.PGSQL.5432"
    with ExitStack() as stack:
        address = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}"}
        worker = stack.enter_context(running(DATABASE, socket, tmp_path, address))
        worker.works()
        web = Web(free_port(), DATABASE, Proxy(socket), Proxy(None), tmp_path / "web")
        process = web.start()
        stack.callback(web.postgres.close)
        stack.callback(process.wait, START)
        stack.callback(process.terminate)
        beats = [stack.enter_context(beating(worker, tmp_path / f"beat{number}")) for number in range(2)]
        assert all(answers(web, 302) for _ in range(6))  # both processes have a connection
        numbers: list[str] = []
        for _ in range(2):
            numbers += letters(worker, *(f"reader{uuid4().hex}" for _ in range(5)))
            before = len(worker.failures())
            restart(postgres, lambda: answers(web, 503))
            assert [answers(web, 302) for _ in range(6)].count(False) <= 2, "one request a process may fail"
            wait_for(lambda: undelivered(worker) == 0, worker, ROUND)
            assert len(worker.failures()) - before <= 1
        assert all(beat.poll() is None for beat in beats)
        assert sorted(number for number in ids(mail_server) if number in numbers) == sorted(numbers)
        assert set(worker.beats()) >= {"sweep", "deliver"}


def test_two_beats_ask_twice_and_nothing_happens_twice(postgres: Path, mail_server: MailServer, tmp_path: Path) -> None:
    """Nobody but they asks the worker, and what they ask for does not pile up."""
    socket = postgres / "pg" / ".s.PGSQL.5432"
    address = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}"}
    with running(DATABASE, socket, tmp_path, address) as worker:
        worker.works()
        with beating(worker, tmp_path / "beat1"), beating(worker, tmp_path / "beat2"):
            numbers = letters(worker, *(f"reader{number}" for number in range(40)))
            begun = worker.beats()
            wait_for(lambda: undelivered(worker) == 0, worker, ROUND)
            wait_for(lambda: all(worker.beats()[task] > at for task, at in begun.items()), worker, ROUND)
        assert sorted(ids(mail_server)) == sorted(numbers)
        assert worker.failures() == []
        begun_at = time.monotonic()
        worker.wait_until_idle()
        assert time.monotonic() - begun_at < 5, "nothing waits that nobody takes"
