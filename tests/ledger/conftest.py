"""Fixtures of the tampering tests: a snapshot is made once a run; each test has its own copy of the database."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from uuid import UUID

import pytest
from pytest_django import DjangoDbBlocker

import outbox
from compliance.signing.pdf.queue import process_due_jobs
from devtools.demo.people import staff
from devtools.demo.stories import Plot, ready, tell
from ledger import canonical, checkpoints
from tests.clocks import Clock
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot, owner_connection

from .tampered_bundle import TamperedBundle
from .tampering import NOW, TamperingFixture, database, export


class Told(NamedTuple):
    """A patient with signatures and signed PDFs and two checkpoints; what was kept of them, and a bundle with proofs
    at both."""

    patient: UUID
    kept: Path
    bundle: Path


def _build_snapshot(_: Any) -> Told:
    kept, bundle = (Path(os.environ["CLEARFILL_FOLDER"]) / name for name in ("kept", "bundle"))
    with outbox.without_notifying():
        # The staff's own logs stand beside, so that a proof has steps.
        # Up to the first checkpoint all is written in canonical form 1, as before there was another.
        with patch.object(canonical, "FORM", 1):
            everybody = staff(NOW - timedelta(days=300))
            ((_plot, factory),) = tell(everybody, NOW, (Plot("ready", ready, 39, 1),))
            process_due_jobs(at=NOW)
            checkpoints.make(at=NOW + timedelta(minutes=10))
        factory.today = NOW + timedelta(hours=1)
        factory.enter(0, factory.test(0.5))
        checkpoints.make(at=NOW + timedelta(hours=2))
    checkpoints.publish(kept)
    export(factory.patient.pk, bundle, [1, 2])
    return Told(factory.patient.pk, kept, bundle)


SNAPSHOT = Snapshot("told", _build_snapshot, at=NOW.isoformat())


@pytest.fixture
def tampering(
    restored_snapshot: RestoreSnapshot, tmp_path: Path, settings: Any, clock: Clock
) -> Iterator[TamperingFixture]:
    """The database as the snapshot has it, after its last checkpoint, and its owner with the triggers off."""
    patient, kept, _bundle = restored_snapshot(SNAPSHOT)
    clock.at = NOW + timedelta(hours=3)
    settings.CHECKPOINT_FOLDER = tmp_path / "out"
    with owner_connection(database()) as server:
        server.execute("SET session_replication_role = replica")
        checkpoints.publish()
        yield TamperingFixture(server, patient, kept, tmp_path)


@pytest.fixture
def tampered(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> TamperedBundle:
    """A bundle of that database, with proofs at both checkpoints, in an attacker's hands: no database is asked."""
    with django_db_blocker.unblock():
        told = SNAPSHOT.made().value
    return TamperedBundle(Path(shutil.copytree(told.bundle, tmp_path / "bundle")))
