"""The account pages in a real browser, at phone and desktop width: WCAG 2.2 AA holds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from accounts.roles import PHARMACIST
from tests import factories
from tests.accessible import Seen, faults
from tests.factories import PASSWORD
from tests.serving import SHOWN, Handler

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]

STRANGER: dict[str, Callable[[Client], Any]] = {
    "front": lambda c: c.get("/"),
    "sign in": lambda c: c.get(reverse("account_login")),
    "sign in, refused": lambda c: c.post(reverse("account_login"), {"login": "", "password": ""}),
    "sign in, wrong": lambda c: c.post(reverse("account_login"), {"login": "a@example.org", "password": "x"}),
    "ask for a link": lambda c: c.get(reverse("account_reset_password")),
    "link sent": lambda c: c.get(reverse("account_reset_password_done")),
    "closed account": lambda c: c.get(reverse("account_inactive")),
}
SIGNED_IN: dict[str, Callable[[Client], Any]] = {
    "account": lambda c: c.get(reverse("mfa_index")),
    "sign out": lambda c: c.get(reverse("account_logout")),
    "change password": lambda c: c.get(reverse("account_change_password")),
    "change password, refused": lambda c: c.post(reverse("account_change_password"), {"oldpassword": "wrong"}),
    "still you": lambda c: c.get(reverse("account_reauthenticate")),
    "add an app": lambda c: c.get(reverse("mfa_activate_totp")),
}


def wrong(page: Page, server: str, seen: Seen, pages: dict[str, Any]) -> list[str]:
    """What axe finds on them, each by its name; and which has not one heading."""
    found: list[str] = []
    for name, response in pages.items():
        assert response.status_code == 200, name
        show(page, server, response.content)
        found += [f"{name} {fault}" for fault in faults(page, seen)]
        found += [f"{name}: not one heading"] * (page.locator("h1").count() != 1)
    return found


def test_pages_for_strangers_are_fit_for_everybody(page: Page, server: str, client: Client, seen: Seen) -> None:
    assert wrong(page, server, seen, {name: opens(client) for name, opens in STRANGER.items()}) == []


def test_pages_of_an_account_are_fit_for_everybody(page: Page, server: str, client: Client, seen: Seen) -> None:
    factories.sign_in(client, factories.account(PHARMACIST, password=PASSWORD))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert wrong(page, server, seen, {name: opens(client) for name, opens in SIGNED_IN.items()}) == []


def show(page: Page, server: str, body: bytes) -> None:
    """Show what the application answered, with the real assets; no view stands behind it."""
    Handler.shown = body
    page.goto(f"{server}{SHOWN}")
    page.evaluate("document.fonts.ready")
