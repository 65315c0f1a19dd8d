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

#: The same for each page, with its language: its navigation is put in the place of the page's that is shown.
_LINES_OF = (
    "async addresses => { const lines = "
    + _LINES
    + """, found = [];
    for (const address of addresses) {
        const page = new DOMParser().parseFromString(await (await fetch(address)).text(), 'text/html');
        const [shown, next] = [document, page].map(one => [...one.querySelectorAll('.nav-main')]);
        shown.slice(1).forEach(one => one.remove());
        shown[0].replaceWith(...next.map(one => document.adoptNode(one)));
        found.push([page.documentElement.lang, lines()]);
    }
    return found;
}"""
)

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


#: Spanish has the longer words.
@pytest.mark.parametrize("language", ["es", "en"][: amount.share(2, 1)])
def test_navigation_of_each_role_is_one_line_at_a_desk(
    live: str, restored_snapshot: RestoreSnapshot, page: Page, language: str
) -> None:
    restored_snapshot(SEEDED)
    for role, entries in ENTRIES.items():
        signed_in(page, live, of_role(role), language)
        places = [reverse((entry.inside or (entry,))[0].name) for entry in entries]
        page.goto(live + places[0])
        assert page.evaluate(_LINES) == [1] * (1 + bool(entries[0].inside)), (role, entries[0].name)
        for entry, lines in zip(entries, page.evaluate(_LINES_OF, places), strict=True):
            assert lines == [language, [1] * (1 + bool(entry.inside))], (role, entry.name, lines)


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
