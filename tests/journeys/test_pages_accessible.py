"""The pages of every role in a browser, at the narrowest width and a desk's: WCAG 2.2 AA, none wider than it."""

from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from accounts.models import User
from devtools.demo.codes import code_of
from devtools.demo.people import PASSWORD
from tests import amount
from tests.accessible import DESK, Seen, at_width, faults, in_other_light
from tests.conftest import RestoreSnapshot
from tests.databases import Snapshot
from tests.journeys.sign_in import browse_as
from tests.spanish import english_in, names_in_the_data

pytestmark = pytest.mark.browser

PAGES = {
    "okafor": [
        "/register/practice/", "/prescriber/", "/prescriber/enrol/", "/prescriber/practice/",
        "/prescriber/practice/attest/", "/prescriber/practice/laboratory/", "/documents/", "/account/messages/",
        "/account/text-messages/", "/account/text-messages/code/", "a patient", "month/", "answer/", "discontinue/",
        "prescription/", "health/", "laboratory/", "laboratory-plan/",
    ],
    "patient-consent": [
        "/patient/", "/patient/sign/birth-defects/", "/patient/sign/birth-defects/en/1/", "/patient/record/",
    ],
    "patient-month": [
        "/patient/methods/", "/patient/questions/", "/patient/pregnant/", "/patient/urgent/",
        "/patient/urgent/failed/", "/patient/card/", "/patient/feeling/",
        "/patient/help/", "/patient/health/", "/patient/side-effects/", "/words/", "/documents/",
        "/patient/prescriber/", "/patient/prescriber/find/", "/patient/", "/calendar/", "/account/messages/",
        "/account/text-messages/",
        "/patient/medicine/", "/documents/guide/en/", "/survey/",
    ],
    "guardian-minor": ["/guardian/", "/calendar/", "/documents/"],
    "tanaka": [
        "/counter/", "/counter/authorizations/", "/counter/authorizations/day/", "/counter/profile/",
        "/counter/profile/training/", "/counter/profile/letters/", "/documents/",
    ],
    "officer": [
        "/office/", "/office/certifications/", "/office/duplicates/", "/office/overdue/", "/office/erasures/",
        "/office/certifications/?kind=pharmacy", "/office/request-log/", "/office/outbox/", "/office/delivery/",
        "/office/prescribers/", "/documents/", "/office/find/", "/office/oversight/",
        "/office/oversight/fills/", "/office/oversight/assessment/", "/office/oversight/cases/",
        "/office/applications/", "/office/oversight/noncompliance/", "/office/oversight/noncompliance/signals/",
        "/office/oversight/happened/enrolled/", "/office/oversight/now/mismatch/",
    ],
}  # fmt: skip


#: So many pages of each role are looked at in the dark by a quick run.
IN_THE_DARK = 2


def _seeded(_: Any) -> None:
    call_command("seed_demo", "--one-of-each", verbosity=0)


#: The demo, with one patient of each journey.
SEEDED = Snapshot("seeded", _seeded, at="2026-12-01T09:00-05:00")


@pytest.mark.usefixtures("no_time_passes")
def test_staff_sign_in_with_a_password_and_a_code(live: str, restored_snapshot: RestoreSnapshot, page: Page) -> None:
    restored_snapshot(SEEDED)
    page.goto(f"{live}/account/login/")
    page.fill("input[name=login]", "okafor@demo.invalid")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.fill("input[name=code]", code_of("okafor@demo.invalid"))
    page.click("main button[type=submit]")
    page.wait_for_url("**/prescriber/")


@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_fit_for_everybody(
    live: str, restored_snapshot: RestoreSnapshot, page: Page, seen: Seen, who: str
) -> None:
    """In the light; the first pages of each role in the dark too. The colors of the parts are the style guide's.

    By turns in Spanish, whose words are longer, and in English; each page in both languages in a run of everything.
    """
    restored_snapshot(SEEDED)
    found: list[str] = []
    names = names_in_the_data()
    browse_as(page, live, who)
    for place, path in enumerate(PAGES[who]):
        language = "es" if place % 2 == 0 and not amount.EVERYTHING else "en"
        User.objects.filter(email=f"{who}@demo.invalid").update(language=language)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        open_page(page, live, path)
        found += [f"{path} {fault}" for fault in faults(page, seen)]
        assert page.locator("html").get_attribute("lang") == language, path
        if language == "es":
            found += [f"{path} in English: {words}" for words in english_in(page.content(), names)]
        if amount.EVERYTHING or place < IN_THE_DARK:
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            found += [f"{path} in the dark {fault}" for fault in in_other_light(page, seen)]
    assert found == []


@pytest.mark.skipif(not amount.EVERYTHING, reason="each page three times as hard to read: bin/test --all")
def test_every_page_in_spanish_in_the_dark_at_twice_the_size(
    live: str, restored_snapshot: RestoreSnapshot, page: Page
) -> None:
    """A desk's browser at 200 %: half as wide, and as high."""
    restored_snapshot(SEEDED)
    names = names_in_the_data()
    page.emulate_media(color_scheme="dark")
    found: list[str] = []
    for who, paths in PAGES.items():
        user = User.objects.get(email=f"{who}@demo.invalid")
        User.objects.filter(pk=user.pk).update(language="es")
        user.refresh_from_db()
        browse_as(page, live, user)
        for path in paths:
            page.set_viewport_size({"width": DESK // 2, "height": 450})
            open_page(page, live, path)
            assert page.locator("html").get_attribute("lang") == "es", path
            found += [f"{who} {path} {fault}" for fault in at_width(page, DESK // 2)]
            found += [f"{who} {path} in English: {words}" for words in english_in(page.content(), names)]
    assert found == []


def open_page(page: Page, live: str, path: str) -> None:
    """Open a page of `PAGES` by what stands there: "a patient" from the list, the entries beneath it after that."""
    if path.startswith("/"):
        page.goto(live + path)
        return
    if path == "a patient" or "/prescriber/patients/" not in page.url:
        page.goto(f"{live}/prescriber/?stage=month")
        page.click(".worklist tbody a >> nth=0")
        page.wait_for_url("**/prescriber/patients/**")
    if path != "a patient":
        page.goto("/".join(page.url.split("/")[:6]) + f"/{path}")
