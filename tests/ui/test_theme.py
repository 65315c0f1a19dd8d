"""Light or dark: as the device has it, or as this browser was told in the footer of a page."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

ROOT = Path(__file__).resolve().parent.parent.parent
DARK = re.compile(r'href="/static/clearfill/dark\.css"\s+media="([^"]+)"')


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kept", "media", "scheme"),
    [
        ("", "screen and (prefers-color-scheme: dark)", "light dark"),
        ("device", "screen and (prefers-color-scheme: dark)", "light dark"),
        ("dark", "screen", "dark"),
        ("light", None, "light"),
        ("purple", "screen and (prefers-color-scheme: dark)", "light dark"),
    ],
)
def test_dark_colors_are_linked_for_whom_they_are_for(
    client: Client, kept: str, media: str | None, scheme: str
) -> None:
    if kept:
        client.cookies[settings.THEME_COOKIE_NAME] = kept
    page = client.get("/").content.decode()
    assert next(iter(DARK.findall(page)), None) == media
    assert re.search(rf'name="color-scheme"\s+content="{scheme}"', page)


@pytest.mark.django_db
def test_switch_is_kept_by_the_browser_and_leads_back(client: Client) -> None:
    switch = reverse("own_account:switch_theme") + "?to=dark"
    assert f'href="{switch}"' in client.get("/").content.decode()
    answer = client.get(switch, headers={"Referer": "http://testserver/account/login/"})
    assert answer["Location"] == "http://testserver/account/login/"
    cookie = client.cookies[settings.THEME_COOKIE_NAME]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("dark", "Lax", True)
    assert DARK.findall(client.get("/").content.decode()) == ["screen"]


@pytest.mark.django_db
def test_switch_takes_none_but_its_own_colors(client: Client) -> None:
    client.get(reverse("own_account:switch_theme") + "?to=purple")
    assert settings.THEME_COOKIE_NAME not in client.cookies
    assert client.post(reverse("own_account:switch_theme"), {"to": "dark"}).status_code == 405


def test_every_color_has_its_dark_one() -> None:
    """A color that is added to the light ones alone would be unreadable on dark paper."""

    def colors(sheet: str) -> set[str]:
        text = (ROOT / "static/clearfill" / sheet).read_text()
        return set(re.findall(r"^  (--c-[\w-]+):", text, re.MULTILINE))

    same_in_both = {"--c-radius", "--c-ember-fill", "--c-on-fill", "--c-sheet", "--c-sheet-ink"}
    assert colors("theme.css") - same_in_both == colors("dark.css")


def test_colors_are_written_in_the_themes_alone() -> None:
    """Else they are not changed with the theme."""
    found = {
        f"{sheet.name}: {color}"
        for sheet in ROOT.glob("static/clearfill/*.css")
        if sheet.name not in ("theme.css", "dark.css", "print.css")
        for color in re.findall(r":[^;{]*(#[0-9a-f]{3,8})\b", sheet.read_text())
    }
    assert found == set()
