"""The navigation of each role at a desk's width, in both languages: one line. And what is chosen looks chosen."""

from typing import Literal

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import User
from patients.models import Designee
from tests import amount, factories
from tests.accessible import DESK
from tests.conftest import RestoreSnapshot
from tests.journeys.test_pages_accessible import SEEDED
from ui.navigation import ENTRIES

pytestmark = pytest.mark.browser

#: Who of the demo has each role; a designee is looked up.
OF_ROLE = {
    "prescriber": "okafor", "patient": "patient-month", "guardian": "guardian-minor", "pharmacist": "tanaka",
    "officer": "officer",
}  # fmt: skip

#: In how many lines the places of each list of the navigation stand.
_LINES = """() => [...document.querySelectorAll('.nav-main ul')].map(list =>
    new Set([...list.children].map(one => Math.round(one.getBoundingClientRect().top))).size)"""

#: How each link or button of a list looks, by its colors, weight and edges; the chosen one first.
_LOOKS = """list => [...list.querySelectorAll('a, button')].map(one => {
    const style = getComputedStyle(one);
    const look = [style.backgroundColor, style.color, style.fontWeight, style.borderBottomColor, style.boxShadow];
    return [one.hasAttribute('aria-current'), look.join(' ')];
})"""


def signed_in(page: Page, live: str, user: User, language: str = "en") -> None:
    User.objects.filter(pk=user.pk).update(language=language)
    user.refresh_from_db()
    client = Client()
    factories.sign_in(client, user)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live}])
    page.set_viewport_size({"width": DESK, "height": 900})


def of_role(role: str) -> User:
    if role == "designee":
        return Designee.objects.select_related("user").order_by("pk")[0].user
    return User.objects.get(email=f"{OF_ROLE[role]}@demo.invalid")


@pytest.mark.parametrize("language", ["es", "en"][: amount.share(2, 1)])
def test_navigation_of_each_role_is_one_line_at_a_desk(
    live: str, restored_snapshot: RestoreSnapshot, page: Page, language: str
) -> None:
    restored_snapshot(SEEDED)
    for role, entries in ENTRIES.items():
        signed_in(page, live, of_role(role), language)
        # Spanish has the longer words. English is met at each role's first place, and where places are in another.
        for place, entry in enumerate(entries):
            if language == "en" and place and not entry.inside and not amount.EVERYTHING:
                continue
            page.goto(live + reverse((entry.inside or (entry,))[0].name))
            assert page.locator("html").get_attribute("lang") == language
            lines = page.evaluate(_LINES)
            assert lines == [1, 1] if entry.inside else lines == [1], (role, entry.name, lines)


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
#: A list in which one is chosen: who reads it, its page, and where on it.
CHOSEN = {
    "navigation": ("prescriber", "/prescriber/practice/", ".nav-main ul"),
    "places inside another": ("officer", "/office/links/", ".nav-main--inside ul"),
    "practices that apply": ("officer", "/office/certifications/", ".tabs"),
    "pharmacies that apply": ("officer", "/office/certifications/?kind=pharmacy", ".tabs"),
    "stages of the worklist": ("prescriber", "/prescriber/?stage=month", ".stages"),
    "light or dark": ("patient", "/patient/", ".themes"),
}


def test_what_is_chosen_looks_chosen(live: str, restored_snapshot: RestoreSnapshot, page: Page) -> None:
    restored_snapshot(SEEDED)
    for name, (role, path, where) in CHOSEN.items():
        signed_in(page, live, of_role(role))
        page.goto(live + path)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            looks = page.locator(where).first.evaluate(_LOOKS)
            chosen = [look for is_chosen, look in looks if is_chosen]
            others = {look for is_chosen, look in looks if not is_chosen}
            assert len(chosen) == 1, name
            assert others, name
            assert chosen[0] not in others, (name, scheme)
