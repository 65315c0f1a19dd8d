"""The typeface, and how much a browser loads before it shows a first page."""

import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from fontTools.ttLib import TTFont

from ui.fonts import NAME, SOURCE, FontFinder, made_in

#: Bytes of a first page with all that it needs, as they come over the line.
MOST = 120_000


def test_font_is_woff2_with_every_character_of_the_package() -> None:
    found = finders.find(NAME)
    assert isinstance(found, str)
    assert Path(found).read_bytes()[:4] == b"wOF2"
    assert TTFont(found).getBestCmap() == TTFont(SOURCE).getBestCmap()
    assert Path(found).stat().st_size < SOURCE.stat().st_size / 2


def test_font_is_collected_for_an_installation() -> None:
    assert [path for path, _storage in FontFinder().list(None)] == [NAME]


def test_font_is_made_once() -> None:
    made = made_in() / NAME
    before = made.stat().st_mtime_ns
    assert made_in() / NAME == made
    assert made.stat().st_mtime_ns == before


def loaded_with(page: str) -> dict[str, int]:
    """What a browser loads with that page, and its bytes: compressed, but for what is compressed by its nature."""
    linked = set(re.findall(r'(?:href|src)="/static/([^"]+)"', page))
    sizes = {"the page": len(brotli.compress(page.encode(), quality=5))}
    for name in linked:
        found = finders.find(name)
        assert isinstance(found, str), name
        content = Path(found).read_bytes()
        sizes[name] = len(content) if name.endswith("woff2") else len(brotli.compress(content))
    return sizes


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/account/login/"])
def test_first_page_weighs_less_than_120_kilobytes(client: Client, path: str) -> None:
    sizes = loaded_with(client.get(path).content.decode())
    assert {NAME, "clearfill/theme.css", "bootstrap/bootstrap.min.css"} <= sizes.keys()
    assert sum(sizes.values()) < MOST, sizes
