"""A server for the browser: real commits, the application's role, and a clock that a journey moves."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page

from tests.clocks import Clock
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot
from tests.journeys.journey import Journey, StartJourney


@pytest.fixture
def live(restored_snapshot: RestoreSnapshot, settings: Any) -> Iterator[str]:
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
def start_journey(live: str, restored_snapshot: RestoreSnapshot, page: Page, clock: Clock) -> StartJourney:
    """Begins a journey at a phone's width, where a snapshot ends."""

    def begin(snapshot: Snapshot[None]) -> Journey:
        restored_snapshot(snapshot)
        page.set_viewport_size({"width": 390, "height": 844})
        return Journey(page, live, clock)

    return begin
