"""Fixtures: databases as the application's role, a clock to set, a server for the browser."""

import itertools
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import BrowserContext, expect
from psycopg import sql
from pytest_django import DjangoDbBlocker

from ledger import clock as ledger_clock
from ledger.embedded import APP, OWNER
from tests.offline import _offline
from tests.plugin import TEMPLATE

__all__ = ["_offline"]


def owner_connection(database: str, *, user: str = OWNER) -> psycopg.Connection[Any]:
    """A connection beside Django's, by default as the tables' owner."""
    folder = Path(os.environ["CLEARFILL_FOLDER"])
    return psycopg.connect(host=str(folder / "pg"), user=user, dbname=database, autocommit=True)


def _point(database: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = database
    # PostgreSQL's limits end what is slow, and on a machine that stood still for a minute everything was. Those of the
    # installation are tested on servers that a test starts (`test_hanging.py`), with the settings as they are.
    connections["default"].settings_dict["OPTIONS"]["options"] = "-c statement_timeout=0 -c lock_timeout=0"


def _make_template() -> None:
    """Migrate the template once, whichever worker comes first."""
    with owner_connection("postgres") as server:
        server.execute("SELECT pg_advisory_lock(815)")
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [TEMPLATE]).fetchone()
        if known:
            return
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        _point(TEMPLATE)
        call_command("migrate", verbosity=0, interactive=False)
        connections["owner"].close()
        server.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(sql.Identifier(TEMPLATE)))


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database a worker, copied from the migrated template; the tests work in it as the application's role."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock():
        _make_template()
        with owner_connection("postgres") as server:
            server.execute("SELECT pg_advisory_lock(815)")
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            server.execute(copy.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        _point(name)
        assert connections["default"].settings_dict["USER"] == APP
        yield
        connections.close_all()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Real commits, seen by other connections; everything is removed afterwards. Gives the database's name."""
    name = str(connections["default"].settings_dict["NAME"])
    with django_db_blocker.unblock():
        yield name
        connections["default"].close()
        empty(name)


def emptied(server: psycopg.Connection[Any]) -> list[str]:
    """The tables that hold what tests write; the others belong to the template."""
    rows = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return [name for (name,) in rows if name not in ("django_migrations", "django_content_type")]


def empty(database: str) -> None:
    """Remove all rows, as the owner and with the triggers off: nobody else can."""
    with owner_connection(database) as server:
        server.execute("SET session_replication_role = replica")
        tables = [sql.Identifier(name) for name in emptied(server)]
        server.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(tables)))


#: Seconds that a browser, a page or a process may take in a test: one that stood still meanwhile is slow, not wrong.
PATIENCE = 300

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's own Chromium."""
    return {
        "executable_path": shutil.which("chromium-headless-shell") or shutil.which("chromium"),
        "args": FLAGS,
        "timeout": PATIENCE * 1000,
    }


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """Each browser's, with the tests' patience."""
    context.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    return context


class Clock:
    """The clock of a test: stands where it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def set(self, text: str) -> datetime:
        """Set it to an instant such as `2026-12-01T09:00-05:00`."""
        self.at = datetime.fromisoformat(text).astimezone(UTC)
        return self.at

    def forward(self, **by: float) -> datetime:
        """Set it forward by days, hours, minutes."""
        self.at += timedelta(**by)
        return self.at


@pytest.fixture
def clock() -> Iterator[Clock]:
    """What `ledger.clock.now` reads in this test; begins on 1 December 2026, nine in the morning in New York."""
    standing = Clock(datetime(2026, 12, 1, 14, tzinfo=UTC))
    ledger_clock.override(standing)
    yield standing
    ledger_clock.override(None)


@pytest.fixture(autouse=True)
def _no_wake(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """No worker stands beside the tests: waking is tested where it is meant."""
    if "wakes" not in request.keywords:
        monkeypatch.setattr("outbox.box._waking", False)


@pytest.fixture(autouse=True)
def _no_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for seconds breaks no test: the watchdog is tested where it is meant."""
    monkeypatch.setattr("config.watchdog.LIMIT", math.inf)


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Sessions, codes, links and counted tries grow no older while a test lasts, however long that is.

    Each look at the clock is a little later than the one before, as counted tries are told apart by their times.
    Not where a browser looks on, whose own clock goes.
    """
    if "live" not in request.fixturenames:
        at = itertools.count(int(time.time() * 1_000_000))
        monkeypatch.setattr(time, "time", lambda: next(at) / 1_000_000)
        monkeypatch.setattr("django.core.cache.backends.db.tz_now", lambda: datetime.fromtimestamp(time.time(), UTC))


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: Any) -> None:
    """How dear a password is to try is tested where it is meant (`test_user.py`), and costs a second a story."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_checkpoints(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test finds the checkpoints of another handed out."""
    settings.CHECKPOINT_FOLDER = tmp_path_factory.getbasetemp() / f"checkpoints-{uuid4()}"


@pytest.fixture
def scenarios() -> Callable[[], Path]:
    """The folder of the published scenarios; a test that needs it is skipped where the checkout has none beside it."""

    def find() -> Path:
        folder = Path(__file__).resolve().parent.parent.parent / "shared" / "scenarios"
        if not folder.exists():
            pytest.skip("no scenarios beside this checkout")
        return folder

    return find
