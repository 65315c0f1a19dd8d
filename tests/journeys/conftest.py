"""A server for the browser: real commits, the application's role, and a clock that a journey moves."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.clocks import Clock
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot
from tests.journeys.journey import Journey, StartJourney


@pytest.fixture
def live(restored_snapshot: RestoreSnapshot, settings: Any, server: str) -> str:
    """The address of a running server. What it works on is laid before the first look at it."""
    settings.SITE_URL = server
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    return server


@pytest.fixture
def start_journey(live: str, restored_snapshot: RestoreSnapshot, page: Page, clock: Clock) -> StartJourney:
    """Begins a journey at a phone's width, where a snapshot ends."""

    def begin(snapshot: Snapshot[None]) -> Journey:
        restored_snapshot(snapshot)
        page.set_viewport_size({"width": 390, "height": 844})
        return Journey(page, live, clock)

    return begin
