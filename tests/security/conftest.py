"""Empty counts of wrong passwords, and the world."""

import pytest
from django.core.cache import cache

from tests.conftest import Clock

from .world import World


@pytest.fixture(autouse=True)
def _no_counts_of_before(request: pytest.FixtureRequest) -> None:
    """What one test counted must not shut the next one out."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        cache.clear()


@pytest.fixture
def world(db: None, clock: Clock) -> World:
    clock.set("2026-12-15T11:00-05:00")
    return World()
