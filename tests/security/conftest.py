"""The world, as it was built once in this run."""

import pytest

from tests.conftest import Lay

from .fixtures import SITE, SiteFixture


@pytest.fixture
def _site(shared: Lay) -> SiteFixture:
    built: SiteFixture = shared(SITE)
    return built


@pytest.fixture
def site(_site: SiteFixture, db: None) -> SiteFixture:
    """Everybody and everything once; what a test does with it is rolled back."""
    return _site
