"""What several stories begin with is walked on the pages once, kept, and laid again for the next one."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connections
from psycopg import sql

from tests.conftest import emptied, owner_connection

if TYPE_CHECKING:
    from tests.journeys.story import Story

#: By what was walked: the story's instant, and the rows of every table.
_kept: dict[str, tuple[datetime, dict[str, bytes]]] = {}

_OUT, _IN = sql.SQL("COPY {} TO STDOUT"), sql.SQL("COPY {} FROM STDIN")


def once(story: "Story", name: str, walk: Callable[[], object]) -> None:
    """Walk these steps, or lay what came of them before; either way nobody is signed in afterwards.

    A story that is told anew walks them all and keeps nothing. The database must be empty. Rows go back as the owner
    and with the triggers off: nobody else can.
    """
    if story.told_anew:
        walk()
    elif name in _kept:
        story.clock.at, rows = _kept[name]
        _lay(rows)
    else:
        walk()
        _kept[name] = story.clock.at, _rows()
    story.signs_out()


def _database() -> str:
    return str(connections["default"].settings_dict["NAME"])


def _rows() -> dict[str, bytes]:
    kept = {}
    with owner_connection(_database()) as server:
        for table in emptied(server):
            with server.cursor().copy(_OUT.format(sql.Identifier(table))) as rows:
                kept[table] = b"".join(bytes(row) for row in rows)
    return kept


def _lay(kept: dict[str, bytes]) -> None:
    with owner_connection(_database()) as server:
        server.execute("SET session_replication_role = replica")
        for table, rows in kept.items():
            with server.cursor().copy(_IN.format(sql.Identifier(table))) as laid:
                laid.write(rows)
