"""The scene of the tampering: told once a worker, put back as it was before each test."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import sql
from pytest_django import DjangoDbBlocker

import outbox
from compliance.demo.people import staff
from compliance.demo.stories import Plot, ready, tell
from compliance.papers.make import make_due
from ledger import checkpoints
from tests.conftest import empty, owner_connection

from .forger import Forged
from .scene import NOW, Scene, Server, database


@pytest.fixture(scope="module")
def told(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[UUID, Path]]:
    """A patient with signatures and papers, two checkpoints, and the folder of the files that were kept of them."""
    kept = tmp_path_factory.mktemp("kept")
    with django_db_blocker.unblock():
        with outbox.quietly():
            # The staff's own logs stand beside, so that a proof has steps.
            everybody = staff(NOW - timedelta(days=300))
            ((_plot, walk),) = tell(everybody, NOW, (Plot("ready", ready, 39, 1),))
            make_due(at=NOW)
            checkpoints.make(at=NOW + timedelta(minutes=10))
            walk.today = NOW + timedelta(hours=1)
            walk.enter(0, walk.test(0.5))
            checkpoints.make(at=NOW + timedelta(hours=2))
        checkpoints.hand_out(kept)
        with owner_connection(database()) as server:
            server.execute("CREATE SCHEMA kept")
            for table, columns in _tables(server):
                server.execute(sql.SQL("CREATE TABLE kept.{0} AS SELECT {1} FROM public.{0}").format(table, columns))
            yield walk.patient.pk, kept
            server.execute("DROP SCHEMA kept CASCADE")
        empty(database())


@pytest.fixture
def scene(
    told: tuple[UUID, Path], django_db_blocker: DjangoDbBlocker, tmp_path: Path, settings: Any
) -> Iterator[Scene]:
    """The scene as it was told, and the database's owner with the triggers off."""
    patient, kept = told
    settings.CHECKPOINT_FOLDER = tmp_path / "out"
    with django_db_blocker.unblock(), owner_connection(database()) as server:
        server.execute("SET session_replication_role = replica")
        checkpoints.hand_out()
        yield Scene(server, patient, kept, tmp_path)
        server.execute(SALTS)
        tables = _tables(server)
        server.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(table for table, _columns in tables)))
        for table, columns in tables:
            server.execute(sql.SQL("INSERT INTO public.{0} ({1}) SELECT {1} FROM kept.{0}").format(table, columns))


@pytest.fixture
def forged(scene: Scene) -> Forged:
    """A bundle of the scene, with proofs at both checkpoints, in a forger's hands."""
    return Forged(scene.export([1, 2]))


#: Whoever moves a text into its salt takes this away first.
SALTS = """
ALTER TABLE ledger_sealed DROP CONSTRAINT IF EXISTS sealed_salt_of_16_bytes,
    ADD CONSTRAINT sealed_salt_of_16_bytes CHECK (length(salt) = 16) NOT VALID
"""

_COLUMNS = """
SELECT table_name, array_agg(column_name::text) FROM information_schema.columns JOIN pg_tables ON tablename = table_name
WHERE table_schema = 'public' AND schemaname = 'public' AND is_generated = 'NEVER'
AND table_name NOT IN ('django_migrations', 'django_content_type') GROUP BY table_name
"""


def _tables(server: Server) -> list[tuple[sql.Identifier, sql.Composed]]:
    """All tables that the application writes, and the columns that are not worked out from others."""
    rows = server.execute(_COLUMNS).fetchall()
    return [(sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))) for name, columns in rows]
