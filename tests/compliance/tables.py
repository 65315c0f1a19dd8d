"""How many rows each table has, as the test's own connection sees them: also what it has not committed."""

from django.db import connection
from psycopg import sql


def tables() -> dict[str, int]:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        counts = [
            sql.SQL("SELECT {}, count(*) FROM {}").format(name, sql.Identifier(name)) for (name,) in cursor.fetchall()
        ]
        cursor.execute(sql.SQL(" UNION ALL ").join(counts))
        return dict(cursor.fetchall())


def grown(before: dict[str, int]) -> dict[str, int]:
    """How many rows each table has more."""
    return {name: count - before[name] for name, count in tables().items() if count != before[name]}
