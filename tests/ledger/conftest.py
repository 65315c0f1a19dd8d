"""Fixtures of the tampering tests: a snapshot is made once a run; each test has its own copy of the database."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

import outbox
from compliance.signing.pdf.queue import process_due_jobs
from devtools.demo.people import staff
from devtools.demo.stories import Plot, ready, tell
from ledger import canonical, checkpoints
from tests.clocks import Clock
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot, owner_connection

from .tampered_bundle import TamperedBundle
from .tampering import NOW, TamperingFixture, database


def _build_snapshot(_: Any) -> tuple[UUID, Path]:
    """A patient with signatures and signed PDFs, two checkpoints, and the folder of the files that were kept of
    them."""
    kept = Path(os.environ["CLEARFILL_FOLDER"]) / "kept"
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
    return factory.patient.pk, kept


SNAPSHOT = Snapshot("told", _build_snapshot, at=NOW.isoformat())


@pytest.fixture
def tampering(
    restored_snapshot: RestoreSnapshot, tmp_path: Path, settings: Any, clock: Clock
) -> Iterator[TamperingFixture]:
    """The database as the snapshot has it, after its last checkpoint, and its owner with the triggers off."""
    patient, kept = restored_snapshot(SNAPSHOT)
    clock.at = NOW + timedelta(hours=3)
    settings.CHECKPOINT_FOLDER = tmp_path / "out"
    with owner_connection(database()) as server:
        server.execute("SET session_replication_role = replica")
        checkpoints.publish()
        yield TamperingFixture(server, patient, kept, tmp_path)


@pytest.fixture
def tampered(tampering: TamperingFixture) -> TamperedBundle:
    """A bundle of that database, with proofs at both checkpoints, in an attacker's hands."""
    return TamperedBundle(tampering.export([1, 2]))
