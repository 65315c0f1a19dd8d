"""The databases of the tests: a migrated template, a copy of it for each worker, and snapshots with people in them.

A copy takes some thirty milliseconds. What stands in a snapshot is made once a run, by whichever worker first needs it.
"""

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from devtools.embedded import OWNER
from tests import factories, prepared
from tests.clocks import frozen_clock

Server = psycopg.Connection[Any]

#: The database that all others are copied from: migrated once, by the owner.
TEMPLATE = "template_clearfill"
#: Which lock of PostgreSQL's whoever makes a template holds.
_MAKING = 815


def owner_connection(database: str, *, user: str = OWNER) -> Server:
    """A connection beside Django's, by default as the tables' owner."""
    return psycopg.connect(host=str(_folder() / "pg"), user=user, dbname=database, autocommit=True)


def _folder() -> Path:
    return Path(os.environ["CLEARFILL_FOLDER"])


def name() -> str:
    """The database that the tests work in at the moment."""
    return str(connections["default"].settings_dict["NAME"])


def point(database: str) -> None:
    """From here on Django works in that database."""
    assert not connections["default"].in_atomic_block, "ask for the snapshot before `db`, and without its mark"
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = database


#: Connections to databases that are returned to, by alias and database.
_kept: dict[tuple[str, str], Any] = {}


def turn(database: str) -> None:
    """As `point`, for a database that many tests turn to and from: the connections to both stay open."""
    for alias in ("default", "owner"):
        own = connections[alias]
        assert not own.in_atomic_block, "ask for the snapshot before `db`, and without its mark"
        _kept[alias, own.settings_dict["NAME"]] = own.connection
        own.connection = _kept.pop((alias, database), None)
        own.settings_dict["NAME"] = database
        if own.connection is not None and not own.is_usable():
            own.close()


def close() -> None:
    """Close every connection of this thread, also those that are kept."""
    connections.close_all()
    while _servers:
        _servers.pop().close()
    while _kept:
        _key, own = _kept.popitem()
        if own is not None:
            own.close()


def template() -> None:
    """Migrate the template, unless another worker has."""
    _make(TEMPLATE, "template0", partial(call_command, "migrate", verbosity=0, interactive=False))


def copy(database: str, *, of: str = TEMPLATE) -> None:
    """Make a database as that template is."""
    _on_server(_copying(database, of))


def drop(database: str) -> None:
    """Remove a database, whoever is connected to it."""
    _on_server(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def _copying(database: str, of: str) -> sql.Composed:
    # By its files: there is nothing in it that PostgreSQL's log need know.
    text = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
    return sql.SQL(text).format(sql.Identifier(database), sql.Identifier(of))


#: The connection over which this process copies and drops databases.
_servers: list[Server] = []


def _on_server(statement: sql.Composed) -> None:
    if not _servers or _servers[0].closed:
        _servers[:] = [owner_connection("postgres")]
    try:
        _servers[0].execute(statement)
    except psycopg.OperationalError:
        if not _servers[0].closed:
            raise
        _on_server(statement)  # the server was started anew since


def _make(database: str, of: str, fill: Callable[[], object]) -> None:
    """Make a template and fill it. Whoever comes while it is made waits; whoever comes later finds it."""
    with owner_connection("postgres") as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_MAKING])
        known = "SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate"
        if server.execute(known, [database]).fetchone():
            return
        drop(database)  # half made, by a worker that failed at it
        server.execute(_copying(database, of))
        before = name()
        point(database)
        try:
            fill()
        finally:
            connections.close_all()
            point(before)
        server.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(sql.Identifier(database)))


prepared.keep()

#: The snapshots that this worker has made, or found made.
_found = set[str]()


@dataclass(frozen=True, slots=True)
class Snapshot[T]:
    """A database with people in it, built from an empty one or from another snapshot; and what is to be known of it.

    What is known is pickled: each test has its own. The clock of the application stands at `at` while it is built.
    """

    name: str
    build: Callable[[Any], T]
    at: str = ""
    of: "Snapshot[Any] | None" = None

    @property
    def database(self) -> str:
        """The name of its template."""
        return f"snapshot_{self.name}"

    def made(self) -> "Kept[T]":
        """Build it, unless that was done in this run; what was kept of it."""
        if self.database not in _found:
            before = self.of.made() if self.of else None
            _make(self.database, self.of.database if self.of else TEMPLATE, partial(self._fill, before))
            _found.add(self.database)
        kept: Kept[T] = pickle.loads(self._file().read_bytes())
        return kept

    def _file(self) -> Path:
        return _folder() / f"{self.database}.pickle"

    def _fill(self, before: "Kept[Any] | None") -> None:
        at = before.at if before else datetime.fromisoformat(self.at)
        # What tests number by themselves begins at one: no number of theirs is one of a snapshot's.
        with frozen_clock(at) as clock, factories.numbered_from((crc32(self.name.encode()) % 90 + 1) * 1_000_000):
            value = self.build(before.value if before else None)
            self._file().write_bytes(pickle.dumps(Kept(value, clock.at)))


@dataclass(frozen=True, slots=True)
class Kept[T]:
    """What is known of a snapshot, and the instant at which its building ended."""

    value: T
    at: datetime


def _emptied(server: Server) -> list[str]:
    """The tables that hold what tests write; the others belong to the template."""
    rows = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return [table for (table,) in rows if table not in ("django_migrations", "django_content_type")]


class Emptied:
    """A worker's database, whose rows are removed after each test that commits; over one connection for all of them."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.server: Server | None = None

    def empty(self) -> None:
        """Remove all rows, as the owner and with the triggers off: nobody else can."""
        if self.server is None:
            self.server = owner_connection(self.database)
            self.server.execute("SET session_replication_role = replica")
            # With so few rows ten times as quick as TRUNCATE, which makes every table's files anew.
            tables = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in _emptied(self.server)]
            self.statement = sql.SQL("; ").join(tables)
        self.server.execute(self.statement)

    def close(self) -> None:
        """End the connection."""
        if self.server is not None:
            self.server.close()


def empty(database: str) -> None:
    """Remove all rows of a database, over a connection of its own."""
    emptied = Emptied(database)
    emptied.empty()
    emptied.close()
