"""Every component in a browser, light and dark, at phone and desktop width: WCAG 2.2 AA holds, nothing is wider than
the screen."""

import mimetypes
from typing import Literal

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route

from tests.accessible import faults
from tests.ui.styleguide import render_page
from web.styleguide.views import PAGES

pytestmark = pytest.mark.browser
HOST = "http://styleguide.invalid"


def open_page(page: Page, name: str) -> None:
    """Show a page of the style guide with the real assets; no server stands behind it."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if not path.startswith("/static/"):
            route.fulfill(body=render_page(name), content_type="text/html; charset=utf-8")
            return
        found = finders.find(path.removeprefix("/static/"))
        assert isinstance(found, str), path
        route.fulfill(path=found, content_type=mimetypes.guess_type(found)[0])

    page.route("**/*", answer)
    page.goto(f"{HOST}/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_part_is_fit_for_everybody(
    page: Page, name: str, scheme: Literal["light", "dark"], seen_at_both_widths: set[str]
) -> None:
    page.emulate_media(color_scheme=scheme)
    open_page(page, name)
    assert faults(page, seen_at_both_widths) == []


def test_the_error_summary_has_the_focus(page: Page) -> None:
    open_page(page, "form")
    assert page.evaluate("document.activeElement.className") == "error-summary"


def test_a_link_of_the_summary_leads_to_its_field(page: Page) -> None:
    open_page(page, "form")
    page.get_by_role("link", name="Where was the test done?").click()
    assert page.evaluate("document.activeElement.id") == "id_setting_0"


def test_a_second_press_sends_nothing(page: Page) -> None:
    sent: list[str | None] = []
    open_page(page, "counter")

    def answer(route: Route) -> None:
        sent.append(route.request.post_data)
        route.fulfill(status=204)

    page.route(f"{HOST}/", answer)
    with page.expect_request(lambda request: request.method == "POST"):
        page.get_by_role("button", name="Ask").click()
    page.evaluate("document.querySelector('main form').requestSubmit()")
    page.wait_for_timeout(300)  # a second one would have left by then
    assert page.get_by_role("button", name="Ask").get_attribute("aria-disabled") == "true"
    assert len(sent) == 1


def test_the_browser_tells_its_zone(page: Page) -> None:
    open_page(page, "status")
    zone = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert f"zone={zone}" in page.evaluate("document.cookie")
