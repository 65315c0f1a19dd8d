"""What the application's role may do. It owns no table, and what is add-only it can only read and add to."""

from typing import Any

#: Tables to which the application only ever adds.
ADD_ONLY = frozenset({"ledger_record", "ledger_attempt"})

#: Tables whose rows are added and removed, never changed.
NO_UPDATE = frozenset({"ledger_sealed"})

#: Tables that are the owner's alone.
READ_ONLY = frozenset({"django_migrations"})


def rights(table: str) -> str:
    """The rights on one table."""
    if table in READ_ONLY:
        return "SELECT"
    if table in ADD_ONLY:
        return "SELECT, INSERT"
    return "SELECT, INSERT, DELETE" if table in NO_UPDATE else "SELECT, INSERT, UPDATE, DELETE"


def grant_rights(cursor: Any, role: str) -> None:
    """Give `role` its rights on every table of the schema, and take every other; `cursor` is the owner's."""
    who = _quoted(role)
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in cursor.fetchall():
        name = _quoted(table)
        cursor.execute(f"REVOKE ALL ON {name} FROM {who}, PUBLIC")
        cursor.execute(f"GRANT {rights(table)} ON {name} TO {who}")
    cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {who}")
    cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM {who}, PUBLIC")
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {who}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
