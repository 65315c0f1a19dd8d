"""The timeline as it is drawn on the pages: at a telephone's width no text or mark stands over another."""

import itertools
from typing import Any

import pytest
from playwright.sync_api import Page

from tests import amount
from tests.accessible import DESK
from tests.conftest import RestoreSnapshot
from tests.journeys.test_pages_accessible import SEEDED
from tests.journeys.test_planner import opened_by_patient, opened_by_practice

pytestmark = pytest.mark.browser

#: Where each text, mark and span of the drawing is, and where the drawing is.
_BOXES = """figure => {
    const of = one => { const box = one.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; };
    const shown = one => one.getClientRects().length && getComputedStyle(one).display !== 'none';
    const drawing = figure.querySelector('.timeline__drawing');
    const parts = drawing.querySelectorAll('text, .timeline__span, .timeline__mark > title + *');
    return {around: of(figure.closest('.panel')), parts: [...parts].filter(shown).map(
        one => [(one.textContent.trim() || one.parentElement.textContent.trim()), of(one)])};
}"""


def overlaps(one: list[float], other: list[float]) -> bool:
    """Whether they have more than a pixel in common, in both directions."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    along = min(one[3], other[3]) - max(one[1], other[1])
    return across > 1 and along > 1


#: The last has all that a timeline can have: windows used and missed, tests, fills.
STAGES = ["between-fills", "lead-in", "window-missed"][-amount.share(3, 1) :]


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_in_the_timeline_overlaps(
    live: str, restored_snapshot: RestoreSnapshot, page: Page, stage: str
) -> None:
    restored_snapshot(SEEDED)
    for opens in (opened_by_patient, opened_by_practice):
        opens(page, live, stage)
        page.locator("details:has(figure.timeline)").evaluate_all("all => all.forEach(one => { one.open = true; })")
        for width in (320, 360, DESK):
            page.set_viewport_size({"width": width, "height": 800})
            found: dict[str, Any] = page.locator("figure.timeline").evaluate(_BOXES)
            left, _top, right, _bottom = found["around"]
            assert len(found["parts"]) > 4
            over = [
                (one, other)
                for (one, box), (other, second) in itertools.combinations(found["parts"], 2)
                if overlaps(box, second)
            ]
            assert over == [], (opens.__name__, width)
            assert [name for name, box in found["parts"] if box[0] < left or box[2] > right] == [], width
