"""Fixtures of the security tests: the site, built once a run."""

import pytest
from django.conf import LazySettings

from tests.conftest import RestoreSnapshot

from .fixtures import SITE, SiteFixture
from .marked import MARKED


@pytest.fixture
def _site(shared_snapshot: RestoreSnapshot) -> SiteFixture:
    built: SiteFixture = shared_snapshot(SITE)
    return built


@pytest.fixture
def site(_site: SiteFixture, db: None) -> SiteFixture:
    """Everybody and everything once; what a test does with it is rolled back."""
    return _site


@pytest.fixture
def _marked(shared_snapshot: RestoreSnapshot) -> SiteFixture:
    built: SiteFixture = shared_snapshot(MARKED)
    return built


@pytest.fixture
def marked(_marked: SiteFixture, db: None, settings: LazySettings) -> SiteFixture:
    """The same with a mark in every name and text, and e-mails that are kept for the page that shows them."""
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    return _marked
