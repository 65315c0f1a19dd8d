"""A picture of every page at phone and desktop width, to be looked at one by one.

`bin/test --all` takes them into a folder that is thrown away, and so finds a page that is not there or has no heading.
`PICTURES=docs/pictures bin/test --all tests/journeys/test_every_page.py` takes them anew into `docs/pictures/pages/`.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests import amount
from tests.conftest import RestoreSnapshot
from tests.journeys.sign_in import browse_as
from tests.journeys.test_pages_accessible import PAGES, SEEDED, open_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not amount.EVERYTHING, reason="takes a picture of every page, with `bin/test --all`"),
]

WIDTHS = {390: 844, 1280: 800}
#: Of a hundred: enough to read the small print, at a third of the size of a PNG.
QUALITY = 45


def _name(who: str, path: str, width: int) -> str:
    page = path.partition("?")[0].strip("/").replace("/", "-").replace(" ", "-") or "home"
    return f"{who}-{page}{'-' + path.partition('=')[2] if '?' in path else ''}-{width}.jpg"


@pytest.mark.usefixtures("no_time_passes")
def test_every_page_has_a_picture(live: str, restored_snapshot: RestoreSnapshot, page: Page, tmp_path: Path) -> None:
    restored_snapshot(SEEDED)
    folder = Path(os.environ.get("PICTURES", tmp_path)) / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    without_heading: list[str] = []
    for who, paths in PAGES.items():
        browse_as(page, live, who)
        for path in paths:
            open_page(page, live, path)
            if page.locator("main h1").count() != 1:
                without_heading.append(f"{who} {path}")
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                name = _name(who, path, width)
                page.screenshot(path=folder / name, type="jpeg", quality=QUALITY, full_page=True, animations="disabled")
    assert without_heading == []
