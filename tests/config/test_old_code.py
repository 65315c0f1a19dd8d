"""The old code's processes beside the new schema: while a release is installed, both run for some minutes.

A migration gives the code before it no column that it would have to know, and takes none from it: what goes, goes a
release later. The table of the migrations tells it of each; a real worker and web server of the old code try it.
"""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import models
from django.db.migrations import AddField, CreateModel, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

from devtools.embedded import APP
from ledger.roles import grant_rights
from outbox import heartbeats
from tests import amount, databases
from tests.config import starting
from tests.config.processes import ROOT, START, Web, free_port
from tests.config.proxy import Proxy
from tests.config.test_reliability import ids, letters, undelivered, wait_for
from tests.config.test_restart import answers
from tests.config.worker import running
from tests.smtp import MailServer, mail_server

__all__ = ["mail_server"]

_POSTGRES = Path(databases._folder()) / "pg" / ".s.PGSQL.5432"

#: The last migration of each app for which code and schema were still changed together.
SETTLED: Mapping[str, str] = {
    "accounts": "0011_language", "compliance": "0008_sweep_by_index", "ledger": "0010_minute_checkpoint",
    "outbox": "0005_claiming", "patients": "0013_guardian_phone",
}  # fmt: skip
_OWN = ("accounts", "compliance", "ledger", "notifications", "outbox", "patients")

#: What leaves the code before it as it is.
_HARMLESS = (
    "AddIndex",
    "AddIndexConcurrently",
    "RemoveIndex",
    "AddConstraint",
    "RemoveConstraint",
    "AlterModelOptions",
    "RunPython",
)


def is_harmless(operation: Operation) -> bool:
    """Whether the code before it works on with the schema after it."""
    if isinstance(operation, AddField):
        field: models.Field[object, object] = operation.field
        return field.null or field.db_default is not NOT_PROVIDED or bool(field.many_to_many)
    return isinstance(operation, (CreateModel, RunSQL)) or type(operation).__name__ in _HARMLESS


def since() -> Iterator[tuple[str, Operation]]:
    """Each operation of the migrations that came after the settled ones."""
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if app in _OWN and name > SETTLED.get(app, ""):
            for operation in migration.operations:
                yield f"{app} {name}: {operation.describe()}", operation


def test_each_migration_leaves_the_code_before_it_as_it_is() -> None:
    assert [what for what, operation in since() if not is_harmless(operation)] == []


def column(**field: Any) -> Operation:
    return AddField("message", "more", models.CharField(max_length=9, **field))


#: Columns, and whether the code before them can write a row.
COLUMNS: Mapping[str, tuple[Operation, bool]] = {
    "one that must be given": (column(), False),
    "one whose default is the code's alone": (column(default=""), False),
    "one that may be empty": (column(null=True), True),
    "one with the database's default": (column(default="", db_default=""), True),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_that_the_code_before_it_need_not_know(name: str) -> None:
    operation, harmless = COLUMNS[name]
    assert is_harmless(operation) == harmless


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


@pytest.fixture
def old_code(tmp_path: Path) -> Path:
    """The code as it was before the first of those migrations."""
    every = MigrationLoader(None).disk_migrations
    new = [f"{app}/migrations/{name}.py" for app, name in every if app in _OWN and name > SETTLED.get(app, "")]
    added = git("log", "--diff-filter=A", "--format=%H", "--", *new).splitlines() if new else []
    if not added:
        pytest.skip("there is no migration that is not settled, or no history to take the old code from")
    folder = tmp_path / "old"
    folder.mkdir()
    archive = subprocess.run(["git", "archive", f"{added[-1]}^"], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


@pytest.mark.skipif(not amount.EVERYTHING, reason="runs the code of another commit, with `bin/test --all`")
def test_the_old_codes_worker_and_web_server_go_on_beside_the_new_schema(
    django_db_setup: None, old_code: Path, mail_server: MailServer, tmp_path: Path
) -> None:
    database = f"{databases.name()}_old"
    databases.copy(database)
    address = {"EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}"}
    with running(database, _POSTGRES, tmp_path, address, code=old_code) as worker:
        worker.works()
        numbers = letters(worker, *(f"reader{number}" for number in range(5)))
        worker.ask(heartbeats.DELIVER)
        wait_for(lambda: undelivered(worker) == 0, worker)
        web = Web(free_port(), database, Proxy(_POSTGRES), Proxy(None), tmp_path / "web", code=old_code)
        # Its own `migrate` made its cache's table, beside the migrations: that stands there still, with rights on it.
        cached = starting.run(["manage.py", "createcachetable", "--database=owner"], env=web.environment, cwd=old_code)
        assert cached.returncode == 0, cached.stderr
        with databases.owner_connection(database) as server:
            grant_rights(server.cursor(), APP)
        process = web.start()
        try:
            assert answers(web, 302), web.written.read_text()[-2000:]
            worker.ask(heartbeats.DELIVER)
            wait_for(lambda: undelivered(worker) == 0, worker)
        finally:
            process.terminate()
            process.wait(START)
            web.postgres.close()
        assert set(ids(mail_server)) > set(numbers)
        assert worker.failures() == []
    databases.drop(database)
