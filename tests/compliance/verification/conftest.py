"""The demo's people, checked some hours after their last record."""

import pytest

from tests.clocks import Clock
from tests.compliance.verification.worlds import DEMO, LATER, Forger
from tests.conftest import RestoreSnapshot


@pytest.fixture
def demo(shared_snapshot: RestoreSnapshot, clock: Clock) -> None:
    """The database of the demo's people; what a test writes is rolled back."""
    shared_snapshot(DEMO)
    clock.at = LATER


@pytest.fixture
def forger(demo: None, db: None) -> Forger:
    """Somebody who owns that database."""
    return Forger()
