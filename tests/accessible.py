"""Accessibility of a page in a real browser: WCAG 2.2 AA by axe, and no overflow in width."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, ViewportSize

from tests import amount, serving

#: `NARROW` is the smallest telephone, and a desk at four times the size of its texts (WCAG 1.4.10).
WIDTHS = NARROW, TELEPHONE, DESK = 320, 390, 1280
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

#: All that axe's other rules judge by. Of the document: its title, language and landmarks. Of each part: what it is and
#: stands in, its attributes, whether it is shown, has a name and labels, what it refers to, and what stands in a list
#: or a table. Which words those are, how it is styled, and how often it comes, is no other part.
_MADE = """() => {
    const REFERS = ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'aria-owns', 'aria-details',
        'aria-errormessage', 'aria-activedescendant', 'headers', 'list', 'form'];
    const IN_WORDS = ['aria-label', 'aria-description', 'aria-valuetext', 'aria-valuenow', 'aria-roledescription'];
    const SAID = /^(role|type|.*lang|autocomplete|scope|tabindex|style|http-equiv|content|usemap|aria-.*)$/;
    const all = [...document.body.querySelectorAll('*')].filter(part => !part.matches('svg *, script, style'));
    const ids = new Map();
    document.querySelectorAll('[id]').forEach(part => ids.set(part.id, (ids.get(part.id) || 0) + 1));
    const place = new Map([...document.body.querySelectorAll('*')].map((part, at) => [part, at]));
    const isShown = part => part.checkVisibility({visibilityProperty: true});
    const hasText = part => [...part.childNodes].some(one => one.nodeType === Node.TEXT_NODE && one.data.trim());
    const named = new Set();
    document.body.querySelectorAll('*').forEach(part => {
        const own = part.matches('[aria-label]:not([aria-label=""]), [alt]:not([alt=""]), svg title');
        if (!(own || hasText(part)) || part.closest('[aria-hidden=true]')) return;
        if (!part.closest('svg') && !isShown(part)) return;
        for (let one = part; one && !named.has(one); one = one.parentElement) named.add(one);
    });
    const kind = part => part.tagName + (part.hasAttribute('role') ? '=' + part.getAttribute('role') : '')
        + (part.getAttribute('aria-hidden') === 'true' ? '-' : '');
    const ways = new Map([[null, '']]);
    const way = part => {
        if (!ways.has(part)) {
            const own = kind(part);
            ways.set(part, way(part.parentElement) + (own === 'DIV' || own === 'SPAN' ? '' : '>' + own));
        }
        return ways.get(part);
    };
    const said = ({name, value}) => {
        if (REFERS.includes(name)) return value.split(' ').map(id => ids.get(id) || 0).join();
        if (name === 'id') return ids.get(value) > 1 ? 'twice' : '';
        return SAID.test(name) && !IN_WORDS.includes(name) ? value : value.trim() ? '' : 'empty';
    };
    const isJudged = ({name}) => name !== 'class' && !name.startsWith('data-');
    const pairs = parts => [...new Set(parts.map((part, at) => (at ? parts[at - 1] : '') + ' ' + part))];
    const inside = part => {
        if (part.matches('table')) return pairs([...part.rows].map(row => pairs([...row.cells].map(kind)).join()));
        return part.matches('ul, ol, dl, [role]') ? pairs([...part.children].map(kind)) : '';
    };
    const inText = (part, style) => {
        if (part.tagName !== 'A' || !hasText(part.parentElement)) return '';
        const around = getComputedStyle(part.parentElement);
        return [style, around].map(one => [one.color, one.backgroundColor, one.fontWeight, one.fontStyle, one.fontSize])
            + [style.textDecorationLine, style.borderBottomStyle];
    };
    const scrolls = (part, style) => /auto|scroll/.test(style.overflowX + style.overflowY)
        && (part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight)
        && 'scrolls ' + !!part.querySelector('a, button, input, select, textarea, [tabindex]');
    const labels = part => part.labels ? [...part.labels].map(one => named.has(one)) : '';
    const found = {};
    all.forEach(part => {
        const style = getComputedStyle(part), attributes = [...part.attributes].filter(isJudged);
        const made = [
            way(part), attributes.map(one => one.name + '=' + said(one)).sort(), isShown(part), named.has(part),
            hasText(part), labels(part), inside(part), inText(part, style), scrolls(part, style),
        ];
        found[JSON.stringify(made)] ??= place.get(part);
    });
    const roots = [document.documentElement, document.body, ...document.querySelectorAll('meta')];
    const has = ['main', 'h1', 'a[href^="#"]'].map(one => !!document.querySelector(one));
    found[JSON.stringify([
        !!document.title.trim(), has, roots.map(part => [...part.attributes].map(one => one.name + '=' + one.value)),
    ])] = -1;
    return found;
}"""

#: How each part of a page is laid out: shown or not, in which manner, and whether it stands beside or below the part
#: before it. How wide it is, and where its lines break, is no other layout. For each part that is pressed, or has one
#: in it, and is laid out otherwise than when this was asked before: where that is which it stands in.
_LAYOUT = """() => {
    const PRESSED = 'a, button, input, select, textarea, summary, [tabindex], [role]';
    const isPressed = part => part.matches(PRESSED) || part.querySelector(PRESSED);
    const all = [...document.body.querySelectorAll('*')], before = window.laidOut, found = {};
    window.laidOut = all.map((part, place) => {
        const style = getComputedStyle(part), above = part.previousElementSibling;
        const below = above ? part.getBoundingClientRect().top >= above.getBoundingClientRect().bottom - 1 : null;
        const how = [style.display, style.position, style.visibility, style.flexDirection, below].join();
        if (before && before[place] !== how && isPressed(part)) {
            const name = [part.parentElement, part].map(one => [one.tagName, ...one.classList].join('.'));
            found[name] ??= Math.max(all.indexOf(part.parentElement), 0);
        }
        return how;
    });
    return found;
}"""

#: All that the rules of `DRAWN` judge by. Of each part with a text: its colors, all that shines through behind it,
#: whether its letters are large, and what exempts it: that it is disabled, cut off, or one letter. Of each part to
#: press that is smaller than 24 pixels: which it is and stands in.
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
    const text = part => part.matches('input, select, textarea') ? 'field'
        : [...part.childNodes].map(one => one.nodeType === Node.TEXT_NODE ? one.data.trim() : '').join('');
    const isLarge = style => parseFloat(style.fontSize) >= (style.fontWeight >= 700 ? 18.66 : 24);
    const isDisabled = part => [part, part.closest('label')?.control].some(
        one => one?.closest(':disabled, [aria-disabled=true], [inert]'));
    const isSmall = (part, box) => part.matches('a, button, input, select, textarea, summary, [tabindex], [role]')
        && box.width && (box.width < 24 || box.height < 24);
    const found = {};
    document.body.querySelectorAll('*').forEach((part, place) => {
        if (!part.checkVisibility({visibilityProperty: true})) return;
        const style = getComputedStyle(part), box = part.getBoundingClientRect(), how = [], words = text(part);
        if (words) how.push([
            style.color, ...behind(part), isLarge(style), words.length > 1, isDisabled(part), style.textShadow,
            style.position, style.clip, style.clipPath, box.width > 1 && box.height > 1 && box.right > 0,
        ]);
        if (isSmall(part, box)) how.push(['small', name(part), name(part.parentElement), style.display]);
        how.forEach(one => { found[one] ??= place; });
    });
    return found;
}"""


#: All of it at once: each question to the page is a way there and back.
_FACTS = f"() => [{_WIDTH}, ({_LAYOUT})(), ({_MADE})(), ({_DRAWN})()]"


@dataclass(slots=True)
class Seen:
    """What axe has seen in this worker."""

    #: How parts are made.
    made: set[str] = field(default_factory=set)
    #: The parts that are laid out otherwise at a width than at the other one, there.
    laid_out: set[tuple[int, str]] = field(default_factory=set)
    #: How parts are drawn, at whatever width and in whatever light.
    drawn: set[str] = field(default_factory=set)

    def unmade(self, page: Page) -> list[int]:
        """Where on the page a part is made as none was before, -1 for the document. From here on all are known."""
        return _new(page.evaluate(_MADE), self.made)

    def undrawn(self, page: Page) -> list[int]:
        """Where on the page a part is drawn as none was before. From here on all are known."""
        return _new(page.evaluate(_DRAWN), self.drawn)


def _new(found: dict[str, int], known: set[str]) -> list[int]:
    assert found, "the page has no text"
    places = [place for how, place in found.items() if how not in known]
    known.update(found)
    return places


def is_narrow(page: Page, width: int = TELEPHONE) -> None:
    """Nothing stands out at the side of the screen. A page that is still on its way is waited for.

    After a click the browser may have left one page and have nothing of the next: then there is nothing to measure.
    """
    page.wait_for_function(_IS_SHOWN)
    assert page.evaluate(_WIDTH) <= width


def faults(page: Page, seen: Seen) -> list[str]:
    """What is wrong with the page that is shown, at the narrowest width and at a desk's.

    At both it is no wider than the screen. At both axe looks at each part that is made as none was before, wherever
    that stood, and by the rules of `DRAWN` at each that is drawn as none was before. Whether what is pressed is large
    enough or far enough from others it looks at where a part is laid out otherwise at the one. A telephone's width is
    the narrowest with more room: no style begins between them (`tests/ui/test_styles.py`).
    """
    page.wait_for_function(_IS_SHOWN)
    if amount.EVERYTHING:
        return [fault for width in WIDTHS for fault in at_width(page, width)]
    found: list[str] = []
    other: dict[str, int] = {}
    # A page that was seen at a desk's width last is followed by one that is seen there first: to turn is dear.
    size = page.viewport_size
    for width in (DESK, NARROW) if size and size["width"] == DESK else (NARROW, DESK):
        more, other = _unseen(page, width, seen)
        found += more
    places = [place for name, place in other.items() if (width, name) not in seen.laid_out]
    seen.laid_out.update((width, name) for name in other)
    return found + _told(width, by_axe(page, only=DRAWN[1:], places=places))


def looked_at(page: Page, width: int, seen: Seen) -> list[str]:
    """What is wrong at that width, in what axe has not seen before."""
    if amount.EVERYTHING:
        return at_width(page, width)
    return _unseen(page, width, seen)[0]


def _unseen(page: Page, width: int, seen: Seen) -> tuple[list[str], dict[str, int]]:
    """What is wrong at that width with the page, and with the parts that are made, or drawn, as none was before; and
    which parts are laid out otherwise than when this was asked before."""
    _turn(page, width)
    wide, other, how_made, how_drawn = page.evaluate(_FACTS)
    found = ["wider than the screen"] * (wide > width)
    made, drawn = _new(how_made, seen.made), _new(how_drawn, seen.drawn)
    if made and drawn:  # by all rules at once: what axe finds out about the whole page, it finds out once
        found += by_axe(page, places=None if -1 in made else sorted({*made, *drawn}))
    else:
        found += by_axe(page, but=DRAWN, places=None if -1 in made else made)
        found += by_axe(page, only=DRAWN, places=drawn)
    return _told(width, found), other


def in_other_light(page: Page, seen: Seen) -> list[str]:
    """What is wrong in another light than `faults` saw the page in: how it is drawn. All else is as it was."""
    return faults(page, seen) if amount.EVERYTHING else by_axe(page, only=DRAWN[:1], places=seen.undrawn(page))


def at_width(page: Page, width: int) -> list[str]:
    """What is wrong at that width: it is wider than the screen, or axe finds something by any rule."""
    _turn(page, width)
    return _told(width, ["wider than the screen"] * (page.evaluate(_WIDTH) > width) + by_axe(page))


def _turn(page: Page, width: int) -> None:
    if page.viewport_size != (size := ViewportSize(width=width, height=900)):
        page.set_viewport_size(size)


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
    assert places or only or {"html-has-lang", "color-contrast"} - set(but) <= set(said["passes"]), "axe saw no text"
    return list(said["violations"])
