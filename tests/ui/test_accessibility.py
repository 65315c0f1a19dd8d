"""Every component in a browser, light and dark, at phone and desktop width: WCAG 2.2 AA holds, nothing is wider than
the screen."""

import pytest
from playwright.sync_api import Page, Route

from tests.accessible import Seen, faults, in_other_light
from tests.serving import SHOWN, Handler
from tests.ui.styleguide import render_page
from web.styleguide.views import PAGES

pytestmark = pytest.mark.browser


def open_page(page: Page, server: str, name: str) -> None:
    """Show a page of the style guide with the real assets; no view stands behind it."""
    Handler.shown = render_page(name).encode()
    page.goto(f"{server}{SHOWN}")


@pytest.mark.parametrize("name", PAGES)
def test_a_part_is_fit_for_everybody(page: Page, server: str, name: str, seen: Seen) -> None:
    """In the light, and in the dark."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # no color is on its way to another one
    open_page(page, server, name)
    in_light = faults(page, seen)
    page.emulate_media(color_scheme="dark")
    assert (in_light, in_other_light(page, seen)) == ([], [])


SMALL = '<button style="font-size: 6px; padding: 0">x</button>'
#: What somebody may do to a page whose parts axe has all seen before, and what is said of it.
FAULTS = {
    "color-contrast": "document.querySelector('main p').style.color = '#bbb'",
    "target-size": f"document.querySelector('main a').innerHTML = `{SMALL}{SMALL}`",
    "button-name": "document.querySelector('main button').textContent = ''",
    "label": "document.querySelector('main label').remove()",
    "document-title": "document.title = ''",
    "wider than the screen": "document.querySelector('main').style.minWidth = '1300px'",
}


def test_a_fault_is_found_on_a_page_that_axe_has_seen(page: Page, server: str, seen: Seen) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    open_page(page, server, "form")
    assert faults(page, seen) == []
    for name, does in FAULTS.items():
        page.evaluate(does)
        assert any(name in fault for fault in faults(page, seen)), name


def test_the_error_summary_has_the_focus(page: Page, server: str) -> None:
    open_page(page, server, "form")
    assert page.evaluate("document.activeElement.className") == "error-summary"


def test_a_link_of_the_summary_leads_to_its_field(page: Page, server: str) -> None:
    open_page(page, server, "form")
    page.get_by_role("link", name="Where was the test done?").click()
    assert page.evaluate("document.activeElement.id") == "id_setting_0"


def test_a_second_press_sends_nothing(page: Page, server: str) -> None:
    sent: list[str | None] = []
    open_page(page, server, "counter")

    def answer(route: Route) -> None:
        sent.append(route.request.post_data)
        route.fulfill(status=204)

    page.route(f"{server}{SHOWN}", answer)
    with page.expect_request(lambda request: request.method == "POST"):
        page.get_by_role("button", name="Ask").click()
    page.evaluate("document.querySelector('main form').requestSubmit()")
    page.wait_for_timeout(300)  # a second one would have left by then
    assert page.get_by_role("button", name="Ask").get_attribute("aria-disabled") == "true"
    assert len(sent) == 1


def test_the_browser_tells_its_zone(page: Page, server: str) -> None:
    open_page(page, server, "status")
    zone = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert f"zone={zone}" in page.evaluate("document.cookie")
