"""The guides of `docs/guides/` name what is on the pages, and their pictures are there and light."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.png"))
#: What a picture may weigh, in bytes.
HEAVIEST = 150_000


@cache
def sentences() -> frozenset[str]:
    """All that pages say, by the catalog."""
    with (ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po").open("rb") as file:
        ids = [message.id for message in read_po(file)]
    texts = [text for one in ids for text in ([one] if isinstance(one, str) else one)]
    return frozenset(text.lower().rstrip(".") for text in texts)


def is_on_a_page(name: str) -> bool:
    """Whether a page says it, or says it with a value behind it."""
    said = name.lower()
    return said in sentences() or any(text.startswith(f"{said} ") and "%(" in text for text in sentences())


def test_there_is_a_guide_for_each_of_the_four() -> None:
    assert [guide.stem for guide in GUIDES] == ["office", "patient", "pharmacist", "prescriber"]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_what_a_guide_sets_in_bold_is_on_a_page(guide: Path) -> None:
    named = re.findall(r"\*\*([^*]+)\*\*", guide.read_text())
    assert len(named) > 10
    assert [name for name in named if not is_on_a_page(name)] == []


def test_a_button_that_does_not_exist_is_found() -> None:
    assert not is_on_a_page("Dispense everything")


def test_each_picture_is_shown_and_light() -> None:
    shown = "".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    assert [picture.name for picture in PICTURES if f"pictures/{picture.name}" not in shown] == []
    assert {p.name: p.stat().st_size for p in PICTURES if p.stat().st_size > HEAVIEST} == {}
