"""How many rows each table has, before and after: what a command that is refused, or sent again, did not write."""

from django.db import connection
from psycopg import sql

from tests.databases import Server

_NAMES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def _statement(names: list[tuple[str]]) -> sql.Composed:
    """One statement for all tables."""
    counts = [sql.SQL("SELECT {}, count(*) FROM {}").format(name, sql.Identifier(name)) for (name,) in names]
    return sql.SQL(" UNION ALL ").join(counts)


def tables() -> dict[str, int]:
    """How many rows each table has, as this connection sees them."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES)
        cursor.execute(_statement(cursor.fetchall()))
        return dict(cursor.fetchall())


def grown(before: dict[str, int]) -> dict[str, int]:
    """How many rows each table has more."""
    return _more(before, tables())


def _more(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: count - before[name] for name, count in after.items() if count != before[name]}


class CommittedRows:
    """The same of what is committed: asked over a connection of its own, which plans the statement once."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.statement = _statement(server.execute(_NAMES).fetchall())

    def count(self) -> dict[str, int]:
        """The rows of each table now."""
        return dict(self.server.execute(self.statement, prepare=True).fetchall())

    def grown(self, before: dict[str, int]) -> dict[str, int]:
        """How many rows each table has more."""
        return _more(before, self.count())
