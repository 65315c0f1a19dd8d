"""Migrations wait for nobody long: each try for a lock is short, and there are several."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connections

from config.management.commands import migrate
from tests.databases import owner_connection


def test_the_models_have_no_change_without_a_migration(committed: str) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@contextmanager
def held(database: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody has a table that every migration needs."""
    with owner_connection(database) as reader:
        reader.execute("BEGIN")
        reader.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        yield reader
        connections["owner"].close()


def test_a_lock_that_somebody_holds_for_a_moment_is_waited_for(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    output = StringIO()
    with held(committed) as reader:
        monkeypatch.setattr("config.management.commands.migrate.sleep", lambda pause: reader.execute("COMMIT"))
        call_command("migrate", verbosity=0, interactive=False, stderr=output)
    assert output.getvalue() == "A table is in use; trying again in 0.5 s.\n"


def test_one_that_is_held_for_good_ends_it(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "PAUSES", (0,))
    output = StringIO()
    with held(committed), pytest.raises(OperationalError, match="lock timeout"):
        call_command("migrate", verbosity=0, interactive=False, stderr=output)
    assert output.getvalue() == "A table is in use; trying again in 0 s.\n"
