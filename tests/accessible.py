"""Accessibility of a page in a real browser: WCAG 2.2 AA by axe, and no overflow in width."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests import amount

#: `NARROW` is the smallest telephone, and a desk at four times the size of its texts (WCAG 1.4.10).
NARROW, TELEPHONE, DESK = 320, 390, 1280
#: WCAG 2.2 AA. Of what is right, one example a rule will do: only violations are worked out node by node.
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}

#: Whether a page is there, to its end; and how wide it is.
# A function: a string is compiled again by the page while it is waited for, which its policy refuses.
_IS_SHOWN = "() => document.readyState === 'complete' && document.body !== null"
_WIDTH = "document.documentElement.scrollWidth"

#: How each part of a page is laid out: shown or not, in which manner, and whether it stands beside or below the part
#: before it. How wide it is, and where its lines break, is no other layout.
_LAYOUT = """() => [...document.body.querySelectorAll('*')].map(part => {
    const style = getComputedStyle(part), before = part.previousElementSibling;
    const below = before ? part.getBoundingClientRect().top >= before.getBoundingClientRect().bottom - 1 : null;
    const name = part.tagName + '.' + [...part.classList].join('.');
    return [name, [style.display, style.position, style.visibility, style.flexDirection, below].join()];
})"""


def is_narrow(page: Page, width: int = TELEPHONE) -> None:
    """Nothing stands out at the side of the screen. A page that is still on its way is waited for.

    After a click the browser may have left one page and have nothing of the next: then there is nothing to measure.
    """
    page.wait_for_function(_IS_SHOWN)
    assert page.evaluate(_WIDTH) <= width


def faults(page: Page, seen: set[str]) -> list[str]:
    """What is wrong with the page that is shown, at a telephone's width and at a desk's.

    At both, and at the narrowest, it is no wider than the screen. Axe looks at the telephone's, where everything is
    nearest to everything; and at the desk's where a part is laid out otherwise there that is not among `seen`, to which
    it is added.
    """
    page.wait_for_function(_IS_SHOWN)
    found = at_width(page, NARROW, look=False) + at_width(page, TELEPHONE, look=True)
    narrow = page.evaluate(_LAYOUT)
    page.set_viewport_size({"width": DESK, "height": 900})
    other = {name for (name, how), (_, then) in zip(page.evaluate(_LAYOUT), narrow, strict=True) if how != then}
    found += at_width(page, DESK, look=amount.EVERYTHING or not other <= seen)
    seen |= other
    return found


def at_width(page: Page, width: int, *, look: bool) -> list[str]:
    """What is wrong at that width: it is wider than the screen, or (`look`) axe finds something."""
    page.set_viewport_size({"width": width, "height": 900})
    found = [f"at {width}: wider than the screen"] * (page.evaluate(_WIDTH) > width)
    if look:
        said: dict[str, Any] = Axe().run(page, options=AXE).response
        assert "color-contrast" in {rule["id"] for rule in said["passes"]}, "axe saw no text"
        for rule in said["violations"]:
            found += [f"at {width}: {rule['id']} {node['html'][:120]}" for node in rule["nodes"]]
    return found
