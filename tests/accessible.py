"""Accessibility of a page in a real browser: WCAG 2.2 AA by axe, and no overflow in width."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests import amount, serving

#: `NARROW` is the smallest telephone, and a desk at four times the size of its texts (WCAG 1.4.10).
NARROW, TELEPHONE, DESK = 320, 390, 1280
#: WCAG 2.2 AA. Of what is right, one example a rule will do: only violations are worked out node by node. No style
#: sheet is fetched for it a second time.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,
}
#: The rules about how a part is drawn, the dear ones: the same part drawn the same is right wherever it stands.
DRAWN = ("color-contrast", "target-size")

#: Whether a page is there, to its end; and how wide it is.
# A function: a string is compiled again by the page while it is waited for, which its policy refuses.
_IS_SHOWN = "() => document.readyState === 'complete' && document.body !== null"
_WIDTH = "document.documentElement.scrollWidth"

#: What axe finds on the page, or in those of its parts; in few words.
_FOUND = """([options, places]) => {
    const all = document.body.querySelectorAll('*');
    return axe.run(places ? places.map(place => all[place]) : document, options).then(said => ({
        passes: said.passes.map(rule => rule.id),
        violations: said.violations.flatMap(rule => rule.nodes.map(node => `${rule.id} ${node.html.slice(0, 120)}`)),
    }));
}"""

#: How each part of a page is laid out: shown or not, in which manner, and whether it stands beside or below the part
#: before it. How wide it is, and where its lines break, is no other layout.
_LAYOUT = """() => [...document.body.querySelectorAll('*')].map(part => {
    const style = getComputedStyle(part), before = part.previousElementSibling;
    const below = before ? part.getBoundingClientRect().top >= before.getBoundingClientRect().bottom - 1 : null;
    const name = part.tagName + '.' + [...part.classList].join('.');
    return [name, [style.display, style.position, style.visibility, style.flexDirection, below].join()];
})"""

#: All that the rules of `DRAWN` judge by. Of each part with a text: its colors, all that shines through behind it, and
#: the size and weight of its letters. Of each part to press that is smaller than 24 pixels: what it stands in.
_DRAWN = """() => {
    const name = part => part.tagName + '.' + [...part.classList].join('.');
    const seen = new Map([[null, ['', 1]]]);
    const behind = part => {
        if (!seen.has(part)) {
            const style = getComputedStyle(part), [below, faded] = behind(part.parentElement);
            const clear = /^rgba|\\/|transparent/.test(style.backgroundColor);
            const picture = style.backgroundImage === 'none' ? '' : name(part);
            seen.set(part, [style.backgroundColor + picture + (clear ? below : ''), style.opacity * faded]);
        }
        return seen.get(part);
    };
    const isText = part => part.matches('input, select, textarea')
        || [...part.childNodes].some(one => one.nodeType === Node.TEXT_NODE && one.data.trim());
    const isSmall = (part, box) => part.matches('a, button, input, select, textarea, summary, [tabindex], [role]')
        && box.width && (box.width < 24 || box.height < 24);
    const found = {};
    document.body.querySelectorAll('*').forEach((part, place) => {
        if (!part.checkVisibility({visibilityProperty: true})) return;
        const style = getComputedStyle(part), how = [];
        if (isText(part)) how.push([style.color, ...behind(part), style.fontSize, style.fontWeight, style.position]);
        if (isSmall(part, part.getBoundingClientRect())) how.push(['small', name(part.parentElement), style.display]);
        how.forEach(one => { found[[name(part), ...one]] ??= place; });
    });
    return found;
}"""


@dataclass(slots=True)
class Seen:
    """What axe has seen in this worker."""

    #: The parts that are laid out otherwise at a desk's width, there.
    at_desk: set[str] = field(default_factory=set)
    #: How parts are drawn, at whatever width and in whatever light.
    drawn: set[str] = field(default_factory=set)

    def new(self, page: Page) -> list[int]:
        """Where on the page a part is drawn as none was before. From here on all are known."""
        drawn: dict[str, int] = page.evaluate(_DRAWN)
        assert drawn, "the page has no text"
        places = [place for how, place in drawn.items() if how not in self.drawn]
        self.drawn |= drawn.keys()
        return places


def is_narrow(page: Page, width: int = TELEPHONE) -> None:
    """Nothing stands out at the side of the screen. A page that is still on its way is waited for.

    After a click the browser may have left one page and have nothing of the next: then there is nothing to measure.
    """
    page.wait_for_function(_IS_SHOWN)
    assert page.evaluate(_WIDTH) <= width


def faults(page: Page, seen: Seen) -> list[str]:
    """What is wrong with the page that is shown, at a telephone's width and at a desk's.

    At both, and at the narrowest, it is no wider than the screen. Axe looks at each page at the telephone's, where
    everything is nearest to everything; and at the desk's where a part is laid out otherwise there than any before.
    By the rules of `DRAWN` it judges each part where one is first drawn so.
    """
    page.wait_for_function(_IS_SHOWN)
    found = at_width(page, NARROW, look=False) + looked_at(page, TELEPHONE, seen)
    narrow = page.evaluate(_LAYOUT)
    page.set_viewport_size({"width": DESK, "height": 900})
    parts = enumerate(zip(page.evaluate(_LAYOUT), narrow, strict=True))
    other = {name: place for place, ((name, how), (_, then)) in parts if how != then and name not in seen.at_desk}
    if amount.EVERYTHING:
        return found + at_width(page, DESK, look=True)
    seen.at_desk |= other.keys()
    return found + at_width(page, DESK, look=False) + _told(DESK, [
        *(by_axe(page, but=DRAWN) if other else []),
        *by_axe(page, only=DRAWN, places=[*other.values(), *seen.new(page)]),
    ])  # fmt: skip


def looked_at(page: Page, width: int, seen: Seen) -> list[str]:
    """What is wrong at that width; how a part is drawn, where one is first drawn so."""
    if amount.EVERYTHING:
        return at_width(page, width, look=True)
    found = at_width(page, width, look=False)
    return found + _told(width, by_axe(page, but=DRAWN) + by_axe(page, only=DRAWN, places=seen.new(page)))


def in_other_light(page: Page, seen: Seen) -> list[str]:
    """What is wrong in another light than `faults` saw the page in: how it is drawn. All else is as it was."""
    return faults(page, seen) if amount.EVERYTHING else by_axe(page, only=DRAWN[:1], places=seen.new(page))


def at_width(page: Page, width: int, *, look: bool) -> list[str]:
    """What is wrong at that width: it is wider than the screen, or (`look`) axe finds something."""
    page.set_viewport_size({"width": width, "height": 900})
    found = [f"at {width}: wider than the screen"] * (page.evaluate(_WIDTH) > width)
    return found + (_told(width, by_axe(page)) if look else [])


def _told(width: int, found: list[str]) -> list[str]:
    return [f"at {width}: {fault}" for fault in found]


def by_axe(
    page: Page, *, but: tuple[str, ...] = (), only: tuple[str, ...] = (), places: list[int] | None = None
) -> list[str]:
    """What axe finds, on the page or in the parts at those places of it: by all rules but some, or by some only."""
    if places == []:
        return []
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(url=serving.AXE)
    options: dict[str, Any] = {**RULES, "rules": {rule: {"enabled": False} for rule in but}}
    if only:
        options["runOnly"] = list(only)
    said = page.evaluate(_FOUND, [options, places])
    assert places or {"html-has-lang", "color-contrast"} - set(but) <= set(said["passes"]), "axe saw no text"
    return list(said["violations"])
