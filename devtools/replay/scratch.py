"""A database that is made for one run, never a configured one, and dropped afterwards."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

import outbox
from devtools.embedded import APP, OWNER, ensure_postgres, folder


@contextmanager
def scratch_database() -> Iterator[None]:
    """Point both connections at a new, migrated database of the embedded server; drop it at the end."""
    base: Path = settings.EMBEDDED_FOLDER or folder()
    ensure_postgres(base)
    name = f"scratch_{secrets.token_hex(6)}"
    _server(base, f"CREATE DATABASE {name}")
    # It is dropped at the end: nothing in it has to survive a power cut.
    _server(base, f"ALTER DATABASE {name} SET synchronous_commit = off")
    kept = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    try:
        _point(base, name)
        call_command("migrate", verbosity=0, interactive=False)
        connections["owner"].close()
        with outbox.without_notifying():
            yield
    finally:
        for alias, before in kept.items():
            connections[alias].close()
            connections[alias].settings_dict.update(before)
        _server(base, f"DROP DATABASE {name} WITH (FORCE)")


def _server(base: Path, statement: str) -> None:
    with psycopg.connect(host=str(base / "pg"), user=OWNER, dbname="postgres", autocommit=True) as server:
        server.execute(statement)  # a name made here, of hex digits


def _point(base: Path, name: str) -> None:
    users: dict[str, str] = {"default": APP, "owner": OWNER}
    for alias, user in users.items():
        connections[alias].close()
        address: dict[str, Any] = {"NAME": name, "USER": user, "HOST": str(base / "pg"), "PASSWORD": "", "PORT": ""}
        connections[alias].settings_dict.update(address)
