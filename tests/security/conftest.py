"""The world, as it was built once in this run."""

import pytest

from tests.conftest import Lay

from .world import WORLD, World


@pytest.fixture
def _world(shared: Lay) -> World:
    built: World = shared(WORLD)
    return built


@pytest.fixture
def world(_world: World, db: None) -> World:
    """Everybody and everything once; what a test does with it is rolled back."""
    return _world
