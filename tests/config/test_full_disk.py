"""The disk under PostgreSQL is full: nothing is decided, nothing is half written, and all goes on once there is space.

On a disk of its own, of a few megabytes, which the database's tables are on; PostgreSQL's log is not. The disk is made
by `mount`, as root alone can: elsewhere, and without `--all`, this is skipped.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import sql
from pytest_django import DjangoDbBlocker

from compliance.commands.decisions import AUTHORIZE
from devtools.bench.run import session_of
from ledger.models import LoggedRequest, LogRecord
from ledger.verify import verify
from outbox import heartbeats
from tests import amount, databases
from tests.config.processes import START, Web, free_port
from tests.config.proxy import Proxy
from tests.config.test_reliability import all_are_delivered, ids, letters
from tests.config.worker import running
from tests.histories import ClinicFactory
from tests.smtp import MailServer, mail_server

__all__ = ["mail_server"]

pytestmark = pytest.mark.skipif(not amount.EVERYTHING, reason="mounts a disk, with `bin/test --all`")

_POSTGRES = Path(os.environ["CLEARFILL_FOLDER"]) / "pg"
_SPACE = "small"
_MEGABYTES = 160


class Disk:
    """A small disk, which can be filled to its last byte."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        with self._ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
        assert shutil.disk_usage(self.folder).free < 4096

    def empty(self) -> None:
        self._ballast.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = Path(f"/var/tmp/clearfill-{os.getuid()}") / f"disk-{uuid4()}"  # nosec B108
    folder.mkdir()
    owner = _POSTGRES.stat()
    options = f"size={_MEGABYTES}m,uid={owner.st_uid},gid={owner.st_gid},mode=700"
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True)
    if made.returncode:
        folder.rmdir()
        pytest.skip("no disk can be mounted here")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker, disk: Disk) -> Iterator[str]:
    """A database whose tables are on that disk; Django is in it, with real commits."""
    name, before = f"{databases.name()}_disk", databases.name()
    with django_db_blocker.unblock(), databases.owner_connection("postgres") as server:
        text = sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(sql.Identifier(_SPACE), str(disk.folder))
        server.execute(text)
        copy = "CREATE DATABASE {} TEMPLATE {} TABLESPACE {} STRATEGY file_copy"
        parts = map(sql.Identifier, (name, databases.TEMPLATE, _SPACE))
        server.execute(sql.SQL(copy).format(*parts))
        databases.point(name)
        yield name
        disk.empty()
        databases.point(before)
        databases.drop(name)
        server.execute(sql.SQL("DROP TABLESPACE {}").format(sql.Identifier(_SPACE)))


@pytest.fixture
def web(database: str, tmp_path: Path) -> Iterator[Web]:
    web = Web(free_port(), database, Proxy(_POSTGRES / ".s.PGSQL.5432"), Proxy(None), tmp_path / "web")
    process = web.start()
    yield web
    process.terminate()
    process.wait(START)
    web.postgres.close()
    web.queue.close()


def test_without_space_there_is_no_decision_and_nothing_is_half_written(web: Web, disk: Disk) -> None:
    clinic = ClinicFactory(datetime.now(UTC) - timedelta(minutes=1))
    patient = clinic.ready()
    session = session_of(clinic.pharmacies[0].pharmacists.get().user)
    asked = {"number": patient.number, "born_on": f"{patient.born_on:%m/%d/%Y}", "days_supply": "30"}
    answers: list[int] = []

    def ask() -> str:
        status, words = web.ask("/counter/", asked | {"key": str(uuid4())}, session)
        answers.append(status)
        return words

    def recorded() -> tuple[int, int]:
        return LoggedRequest.objects.filter(action=AUTHORIZE).count(), LogRecord.objects.count()

    ask()
    disk.fill()
    while 503 not in answers:  # there is space in the pages that are there
        before = recorded()
        words = ask()
        assert len(answers) < 500
    for said in (words, ask(), ask()):
        assert "No decision. Do not dispense." in said
    assert recorded() == before
    assert web.ask("/health/live") == (200, "live")
    disk.empty()
    ask()
    assert answers[-4:] == [503, 503, 503, 302]
    assert recorded() == (answers.count(302), before[1])
    assert list(verify(at=datetime.now(UTC))) == []


def test_without_space_the_worker_loses_no_message(
    database: str, disk: Disk, mail_server: MailServer, tmp_path: Path
) -> None:
    """Of those that went out while it could not be noted, the second e-mail has the first one's Message-ID."""
    address = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}"}
    with running(database, _POSTGRES / ".s.PGSQL.5432", tmp_path, address) as worker:
        worker.works()
        numbers = letters(worker, *(f"reader{place}" for place in range(60)))
        disk.fill()
        while not worker.failures():
            worker.ask(heartbeats.DELIVER)
            time.sleep(0.2)
        disk.empty()
        all_are_delivered(worker)
        assert set(ids(mail_server)) == set(numbers)
        assert worker.works(seconds=20) < 15
