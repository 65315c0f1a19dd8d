"""Rights of the application's database role. It owns no table; add-only tables it can only read and insert into."""

from collections.abc import Sequence
from typing import Any

#: Tables to which the application only ever adds.
ADD_ONLY = frozenset(
    {
        "ledger_record",
        "ledger_loggedrequest",
        "ledger_checkpoint",
        "ledger_checkpointleaf",
        "ledger_minutecheckpoint",
        "ledger_accessevent",
    }
)

#: A column that the database itself fills: where a row stands among the others is not the application's to say.
GENERATED_COLUMN = "id"

#: Tables whose rows are added and removed, never changed.
NO_UPDATE = frozenset({"ledger_erasabletext", "compliance_signedpdf"})

#: Tables that are the owner's alone.
READ_ONLY = frozenset({"django_migrations"})

_SELECT_TABLES = """
SELECT tablename, (
    SELECT array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns
    WHERE table_schema = schemaname AND table_name = tablename AND column_name <> %(given)s
) FROM pg_tables WHERE schemaname = 'public'
"""


def rights(table: str, columns: Sequence[str]) -> str:
    """The rights on one table, of which `columns` are those that the application may fill."""
    if table in READ_ONLY:
        return "SELECT"
    if table in ADD_ONLY:
        return f"SELECT, INSERT ({', '.join(map(_quoted, columns))})"
    return "SELECT, INSERT, DELETE" if table in NO_UPDATE else "SELECT, INSERT, UPDATE, DELETE"


def grant_rights(cursor: Any, role: str) -> None:
    """Give `role` its rights on every table of the schema, and take every other; `cursor` is the owner's."""
    who = _quoted(role)
    cursor.execute(_SELECT_TABLES, {"given": GENERATED_COLUMN})
    for table, columns in cursor.fetchall():
        name = _quoted(table)
        cursor.execute(f"REVOKE ALL ON {name} FROM {who}, PUBLIC")
        cursor.execute(f"GRANT {rights(table, columns)} ON {name} TO {who}")
    cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {who}")
    cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM {who}, PUBLIC")
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {who}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
