"""The guides of `docs/guides/`, in both languages, name what is on the pages; their pictures are there and light."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FOLDERS = {"en": ROOT / "docs" / "guides", "es": ROOT / "docs" / "guides" / "es"}
GUIDES = [(language, guide) for language, folder in FOLDERS.items() for guide in sorted(folder.glob("*.md"))]
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.png"))
#: What a picture may weigh, in bytes.
HEAVIEST = 150_000


@cache
def messages() -> dict[str, list[tuple[str, str]]]:
    """All that pages say, by language: each text, with the English that it stands for."""
    with (ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalog = list(read_po(file))
    said: dict[str, list[tuple[str, str]]] = {"en": [], "es": []}
    for message in catalog:
        ids, texts = ([one] if isinstance(one, str) else list(one or ()) for one in (message.id, message.string))
        said["en"] += [(one, one) for one in ids]
        said["es"] += list(zip(texts, ids, strict=False))
    return said


@cache
def english_of(name: str, language: str) -> frozenset[str]:
    """The English of what a page says in that language; of what it says with a value behind it too. Empty: no page."""
    sought = name.lower()
    return frozenset(
        english.lower().rstrip(".").split(" %(")[0]
        for text, english in messages()[language]
        if text.lower().rstrip(".") == sought or (text.lower().startswith(f"{sought} ") and "%(" in text)
    )


def named(guide: Path) -> list[str]:
    """What a guide sets in bold."""
    return re.findall(r"\*\*([^*]+)\*\*", guide.read_text())


@pytest.mark.parametrize("language", FOLDERS)
def test_there_is_a_guide_for_each_of_the_four(language: str) -> None:
    guides = [guide.stem for one, guide in GUIDES if one == language]
    assert guides == ["office", "patient", "pharmacist", "prescriber"]


@pytest.mark.parametrize(("language", "guide"), GUIDES, ids=[f"{language}-{guide.stem}" for language, guide in GUIDES])
def test_what_a_guide_sets_in_bold_is_on_a_page(language: str, guide: Path) -> None:
    names = named(guide)
    assert len(names) > 10
    assert [name for name in names if not english_of(name, language)] == []


@pytest.mark.parametrize("guide", sorted(FOLDERS["en"].glob("*.md")), ids=lambda guide: guide.stem)
def test_spanish_guide_names_and_shows_what_the_english_one_does(guide: Path) -> None:
    """The same buttons and pages in the same order, as many headings, and the same pictures."""
    spanish = FOLDERS["es"] / guide.name
    english_names, spanish_names = named(guide), named(spanish)
    pairs = list(zip(english_names, spanish_names, strict=True))
    assert [pair for pair in pairs if not english_of(pair[0], "en") & english_of(pair[1], "es")] == []
    for what in (r"^#+ ", r"pictures/(\w+)\.png"):
        found = [re.findall(what, path.read_text(), re.MULTILINE) for path in (guide, spanish)]
        assert found[0] == found[1]


def test_a_button_that_does_not_exist_is_found() -> None:
    assert not english_of("Dispense everything", "en")
    assert not english_of("Entregarlo todo", "es")


def test_each_picture_is_shown_and_light() -> None:
    shown = "".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    assert [picture.name for picture in PICTURES if f"pictures/{picture.name}" not in shown] == []
    assert {p.name: p.stat().st_size for p in PICTURES if p.stat().st_size > HEAVIEST} == {}
