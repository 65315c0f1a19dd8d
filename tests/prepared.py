"""The tests' statements stay prepared from one test to the next.

psycopg forgets them with each rollback, which ends every test: PostgreSQL then parses and plans all of them anew, which
is a fourth of its work. There is no public way to change that: what is private of psycopg is used here alone, and
`tests/config/test_prepared.py` says on an upgrade what broke.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created
from psycopg._preparing import Prepare, PrepareManager
from psycopg.pq.abc import PGresult

_CHANGES_TABLES = re.compile(rb"(?:DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b").match


class Kept(PrepareManager):
    """Statements that stay prepared when a transaction is rolled back. Whoever changes a table has them prepared
    anew."""

    prepare_threshold = 1
    prepared_max = 1000

    def _should_discard(self, prep: Prepare, results: Sequence[PGresult], *_: Any) -> bool:
        return any(_CHANGES_TABLES(result.command_status or b"") for result in results) and super().clear()

    def clear(self) -> bool:
        """What psycopg does after each rollback: here nothing."""
        return False


def keep() -> None:
    """From here on, on each connection of the application's."""
    connection_created.connect(_keep)


def _keep(connection: Any, **_: Any) -> None:  # as Django's signal names it
    if connection.alias == "default":
        connection.connection._prepared = Kept()


def plan_anew() -> None:
    """For a test that has just written a thousand rows: what was planned for a handful would take long."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
