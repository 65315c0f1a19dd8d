"""Fixtures of the security tests: the site, built once a run."""

import pytest

from tests.conftest import RestoreSnapshot

from .fixtures import SITE, SiteFixture


@pytest.fixture
def _site(shared_snapshot: RestoreSnapshot) -> SiteFixture:
    built: SiteFixture = shared_snapshot(SITE)
    return built


@pytest.fixture
def site(_site: SiteFixture, db: None) -> SiteFixture:
    """Everybody and everything once; what a test does with it is rolled back."""
    return _site
