"""How PostgreSQL would read rows, for tests of indexes: asked in a database of its own, as it was migrated.

In the tests' own database what others have written is weighed, and whether it was vacuumed since: with as good as no
rows two indexes cost the same, and either is taken. Of rows that a test has analyzed it is asked where they are.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from tests import databases, workers

#: The connection of this worker to that database, once it is there.
_open: list[Any] = []


def plan(sql: str, values: Sequence[object] = (), *, off: Sequence[str] = ("seqscan",)) -> str:
    """The plan of a statement, where these ways are forbidden: an empty table is read whole otherwise."""
    with _connection().cursor() as cursor:
        for way in off:
            cursor.execute(f"SET enable_{way} = off")
        cursor.execute(f"EXPLAIN {sql}", values or None)
        lines = [line for (line,) in cursor.fetchall()]
        cursor.execute("RESET ALL")
    return "\n".join(lines)


def plan_of(rows: QuerySet[Any], *, off: Sequence[str] = ("seqscan",)) -> str:
    """The plan by which these rows are read."""
    sql, values = rows.query.sql_with_params()
    return plan(sql, values, off=off)


def _connection() -> Any:
    if not _open:
        name = f"plans_{workers.NUMBER}"
        databases.copy(name)
        own = connections["default"].copy()
        own.settings_dict["NAME"] = name
        _open.append(own)
    return _open[0]
