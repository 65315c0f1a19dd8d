"""Fixtures of the security tests: the site, built once a run."""

import logging
from collections.abc import Iterator

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


@pytest.fixture(autouse=True)
def _lines_of_faults_alone(request: pytest.FixtureRequest) -> Iterator[None]:
    """Thousands of requests are refused here on purpose: what is written of each is read where `caplog` is asked for."""
    logging.disable(logging.NOTSET if "caplog" in request.fixturenames else logging.WARNING)
    yield
    logging.disable(logging.NOTSET)
