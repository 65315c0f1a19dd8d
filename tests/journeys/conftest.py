"""A server for the browser: real commits, the application's role, and a clock that a story moves."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page

from tests.clocks import Clock
from tests.conftest import Lay
from tests.databases import Snapshot
from tests.journeys.story import Story, Tell


@pytest.fixture
def live(laid: Lay, settings: Any) -> Iterator[str]:
    """The address of a running server. What it works on is laid before the first look at it."""
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
def tell(live: str, laid: Lay, page: Page, clock: Clock) -> Tell:
    """Begins a story at a phone's width, where a snapshot ends."""

    def begin(snapshot: Snapshot[None]) -> Story:
        laid(snapshot)
        page.set_viewport_size({"width": 390, "height": 844})
        return Story(page, live, clock)

    return begin
