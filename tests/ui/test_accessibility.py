"""Every component in a browser, light and dark, at phone and desktop width: WCAG 2.2 AA holds, nothing is wider than
the screen."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.accessible import DESK, DRAWN, NARROW, Seen, by_axe, faults, in_other_light
from tests.serving import SHOWN, Handler
from tests.ui.styleguide import render, render_page
from web.styleguide.views import PAGES

pytestmark = pytest.mark.browser


def open_page(page: Page, server: str, name: str) -> None:
    """Show a page of the style guide with the real assets; no view stands behind it."""
    Handler.shown = render_page(name).encode()
    page.goto(f"{server}{SHOWN}")


def test_every_part_is_fit_for_everybody(page: Page, server: str, seen: Seen) -> None:
    """In the light, and in the dark."""
    found: list[str] = []
    for name in PAGES:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")  # no color is on its way to another one
        open_page(page, server, name)
        found += [f"{name} {fault}" for fault in faults(page, seen)]
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += [f"{name} in the dark {fault}" for fault in in_other_light(page, seen)]
    assert found == []


SMALL = '<button style="font-size: 6px; padding: 0">x</button>'
#: What somebody may do to a page whose parts axe has all seen before, and what is said of it.
FAULTS = {
    "color-contrast": "document.querySelector('main p').style.color = '#bbb'",
    "target-size": f"document.querySelector('main a').innerHTML = `{SMALL}{SMALL}`",
    "button-name": "document.querySelector('main button').textContent = ''",
    "wider than the screen": "document.querySelector('main').style.minWidth = '1300px'",
}


def test_a_fault_is_found_on_a_page_that_axe_has_seen(page: Page, server: str, seen: Seen) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    open_page(page, server, "form")
    assert faults(page, seen) == []
    for name, does in FAULTS.items():
        page.evaluate(does)
        assert any(name in fault for fault in faults(page, seen)), name


#: A page with a part of each kind.
PARTS = """<p>Words</p><ul><li><a href="/">Home</a></li></ul><form method="post">
    <label for="one">One</label><input type="text" id="one" name="one"> <button type="submit">Send</button>
    <label for="two">Two</label><select id="two" name="two"><option>Two</option></select>
    <label><input type="radio" name="three" value="3">Three</label></form>"""
#: A fault that each of axe's other rules sees, on a page that it has seen without it. `$` is in the page's main part.
MADE = {
    "aria-allowed-attr": "$('a').setAttribute('aria-checked', 'true')",
    "aria-command-name": "$('p').outerHTML = '<span role=button tabindex=0></span>'",
    "aria-hidden-focus": "$('a').setAttribute('aria-hidden', 'true')",
    "aria-input-field-name": "$('p').outerHTML = '<div role=textbox tabindex=0></div>'",
    "aria-prohibited-attr": "$('p').outerHTML = '<span aria-label=Words></span>'",
    "aria-required-attr": "$('p').outerHTML = '<b role=checkbox tabindex=0 aria-label=Words></b>'",
    "aria-required-children": "$('ul').setAttribute('role', 'listbox')",
    "aria-required-parent": "$('p').setAttribute('role', 'option')",
    "aria-roles": "$('p').setAttribute('role', 'paragraf')",
    "aria-valid-attr": "$('input[type=radio]').setAttribute('aria-describdby', 'x')",
    "aria-valid-attr-value": "$('input[type=radio]').setAttribute('aria-invalid', 'perhaps')",
    "autocomplete-valid": "$('input[type=text]').autocomplete = 'nonsense'",
    "avoid-inline-spacing": "$('p').style.setProperty('letter-spacing', '1px', 'important')",
    "button-name": "$('button').textContent = ''",
    "button-name by what is hidden": "$('button').innerHTML = '<span aria-hidden=true>Send</span>'",
    "button-name by what is not shown": "$('button').innerHTML = '<span hidden>Send</span>'",
    "definition-list": "$('p').outerHTML = '<dl><p>Words</p></dl>'",
    "dlitem": "$('p').outerHTML = '<dt>Words</dt>'",
    "frame-title": "$('p').innerHTML = '<iframe></iframe>'",
    "image-alt": "$('p').innerHTML = '<img src=x>'",
    "label": "$('label').remove()",
    "label that is empty": "$('label').textContent = ''",
    "label of another": "$('label[for]').htmlFor = 'nobody'",
    "link-in-text-block": "$('p').innerHTML = 'Words <a href=/ style=\"color: #444; text-decoration: none\">a</a>'",
    "link-name": "$('a').textContent = ''",
    "list": "$('ul').append(document.createElement('p'))",
    "listitem": "$('form').append($('li'))",
    "nested-interactive": "$('button').innerHTML = '<a href=/>Send</a>'",
    "role-img-alt": "$('p').setAttribute('role', 'img')",
    "scrollable-region-focusable": "Object.assign($('p').style, {display: 'block', height: '9px', overflow: 'auto'})",
    "select-name": "$('select').labels[0].remove()",
    "summary-name": "$('p').outerHTML = '<details><summary></summary>Words</details>'",
    "svg-img-alt": "$('p').innerHTML = '<svg role=img></svg>'",
    "td-headers-attr": "$('p').outerHTML = '<table><tr><th>A</th></tr><tr><td headers=nobody>1</td></tr></table>'",
    "valid-lang": "$('p').lang = 'nonsense'",
    # Of the document, which stay.
    "document-title": "document.title = ''",
    "html-has-lang": "document.documentElement.removeAttribute('lang')",
    "html-lang-valid": "document.documentElement.lang = 'nonsense'",
    "meta-refresh": "document.head.insertAdjacentHTML('beforeend', '<meta http-equiv=refresh content=9>')",
    "meta-viewport": "document.querySelector('meta[name=viewport]').content += ', user-scalable=no'",
    "aria-hidden-body": "document.body.setAttribute('aria-hidden', 'true')",
}


def test_axe_looks_again_at_what_is_made_otherwise(page: Page, server: str) -> None:
    Handler.shown = render(PARTS).encode()
    page.goto(f"{server}{SHOWN}")
    own = page.evaluate("document.body.innerHTML")
    begin = "own => { document.body.innerHTML = own; }"
    missed = by_axe(page)
    for name, does in MADE.items():
        page.evaluate(begin, own)
        seen = Seen()
        seen.unmade(page)
        page.evaluate(f"(() => {{ const $ = what => document.querySelector(`main ${{what}}`); {does}; }})()")
        made, rule = seen.unmade(page), name.split(" ")[0]
        found = by_axe(page, only=(rule,), places=None if -1 in made else made)
        if not any(fault.startswith(rule) for fault in found):
            missed.append(f"{name}: {made}")
    assert missed == []


#: Words that may be drawn in the faint color of `FAINT`, and then are not what axe has seen of it.
EXEMPT = {
    "of a control that is disabled": '<button disabled style="color: #777a7a; background: #fff">Send</button>',
    "of the label of one": '<label style="color: #777a7a; background: #fff"><input disabled> Name</label>',
    "for screen readers alone": '<p class="visually-hidden" style="color: #777a7a; background: #fff">Words</p>',
    "one letter": '<p style="color: #777a7a; background: #fff">A</p>',
    "large": '<p style="color: #777a7a; background: #fff; font-size: 24px">Words</p>',
    "large and heavy": '<p style="color: #777a7a; background: #fff; font-size: 19px; font-weight: 700">Words</p>',
    "on another ground": '<p style="color: #777a7a; background: #000">Words</p>',
}
FAINT = '<p style="color: #777a7a; background: #fff; font-size: 18px; font-weight: 700">Words</p>'


def test_words_are_judged_where_others_of_their_color_were_exempt(page: Page, server: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    Handler.shown = render("<main></main>").encode()
    page.goto(f"{server}{SHOWN}")
    show = "shown => { document.querySelector('main').innerHTML = shown; }"
    for name, exempt in EXEMPT.items():
        seen = Seen()
        page.evaluate(show, exempt)
        assert by_axe(page, only=DRAWN[:1], places=seen.undrawn(page)) == [], name
        page.evaluate(show, exempt + FAINT)
        assert len(by_axe(page, only=DRAWN[:1], places=seen.undrawn(page))) == 1, name


#: Two links that stand beside each other at a desk's width, and one right below the other on a narrow screen.
NEAR = """<p style="font-size: 12px; line-height: 12px; max-width: 60vw">
    <a href="/" style="display: inline-block; width: 9rem">One</a>
    <a href="/" style="display: inline-block; width: 9rem">Two</a></p>"""


@pytest.mark.parametrize("width", [NARROW, DESK])
def test_links_that_come_too_near_on_a_narrow_screen_are_found(page: Page, server: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    Handler.shown = render(NEAR).encode()
    page.goto(f"{server}{SHOWN}")
    found = faults(page, Seen())
    assert len([fault for fault in found if f"at {NARROW}: target-size" in fault]) == 2, found
    assert not any(f"at {DESK}" in fault for fault in found), found


def test_the_error_summary_has_the_focus(page: Page, server: str) -> None:
    open_page(page, server, "form")
    expect(page.locator(".error-summary")).to_be_focused()  # the browser gives it some time after it has loaded


def test_a_link_of_the_summary_leads_to_its_field(page: Page, server: str) -> None:
    open_page(page, server, "form")
    page.get_by_role("link", name="Where was the test done?").click()
    expect(page.locator("#id_setting_0")).to_be_focused()


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
