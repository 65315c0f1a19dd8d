"""A server for the browser: real commits, the application's role, and a clock that a story moves."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page

from tests.conftest import Clock
from tests.journeys.story import Story


@pytest.fixture
def live(committed: str, clock: Clock, settings: Any) -> Iterator[str]:
    """The address of a running server that works on the committed database."""
    thread = LiveServerThread("localhost", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None, thread.error
    address = f"http://localhost:{thread.port}"
    settings.SITE_URL = address
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    yield address
    thread.terminate()


@pytest.fixture
def story(live: str, page: Page, clock: Clock) -> Story:
    """A story at a phone's width, with an officer, a certified prescriber and a certified pharmacy."""
    page.set_viewport_size({"width": 390, "height": 844})
    return Story(page, live, clock)
