"""The pictures of the guides: `docs/pictures/`, of the demo's people as they stand on one day.

`bin/test --all` takes them into a folder that is thrown away, and so finds a page that a guide no longer shows.
`PICTURES=docs/pictures bin/test --all tests/journeys/test_pictures.py` takes them anew; look at each before a commit.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from outbox import heartbeats
from patients.models import Patient
from tests import amount
from tests.clocks import Clock
from tests.conftest import RestoreSnapshot
from tests.journeys.journey import Journey
from tests.journeys.test_pages_accessible import SEEDED

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not amount.EVERYTHING, reason="takes the pictures of the guides, with `bin/test --all`"),
]

#: What a picture may weigh, in bytes.
HEAVIEST = 150_000
PHONE, DESK = 390, 1280
#: Milliseconds that a page may take: the first of a desk reads all its code.
SLOW = 90_000


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: who looks, at which width and how far down, what is done before, and what is seen then.

    With a `part`, it shows that alone.
    """

    name: str
    who: str
    path: str
    sees: str
    width: int = DESK
    height: int = 800
    part: str = ""
    before: Callable[[Page], None] = lambda page: None


def _of(name: str) -> Patient:
    """A patient of the demo, by the story."""
    return Patient.objects.get(user__email=f"patient-{name}@demo.invalid")


def _opens_first(page: Page) -> None:
    page.click(".worklist tbody a >> nth=0")
    page.wait_for_url("**/patients/**")


def _tells_the_month(page: Page) -> None:
    """The month of the first patient, up to what it opens."""
    _opens_first(page)
    page.goto(page.url.partition("?")[0] + "month/")
    page.select_option("select[name=result]", "negative")
    page.select_option("select[name=setting]", "laboratory")
    page.check("input[name=menses][value=first_five_days]")
    page.locator("main").get_by_role("button", name="See what this opens").click()


def _asks(page: Page) -> None:
    """At the counter, for a patient of whom everything is done."""
    patient = _of("ready")
    page.fill("input[name=number]", patient.number)
    page.fill("input[name=born_on]", f"{patient.born_on:%m/%d/%Y}")
    page.locator("main").get_by_role("button", name="May I dispense?").click()
    page.wait_for_url("**/answers/**")


PICTURES = (
    Picture("prescriber", "okafor", "/prescriber/?stage=window-missed", "What is missing", before=_opens_first),
    Picture("worklist", "okafor", "/prescriber/", "Needs me today"),
    Picture("month", "okafor", "/prescriber/?stage=second-test", "What this opens", part="main .month section.panel",
            before=_tells_the_month),
    Picture("patient", "patient-month", "/patient/", "Your part of this month", PHONE, 844),
    Picture("question", "patient-month", "/patient/questions/", "Question 1 of 5", PHONE, 844),
    Picture("consent", "patient-consent", "/patient/sign/birth-defects/en/1/", "Part 1 of 14", PHONE, 844),
    Picture("urgent", "patient-month", "/patient/urgent/", "What happened?", PHONE, 844),
    Picture("card", "patient-month", "/patient/card/", "Wallet card", PHONE, 844),
    Picture("guardian", "guardian-minor", "/guardian/", "Not signed yet", PHONE, 844),
    Picture("counter", "tanaka", "/counter/", "Yes, dispense", height=1000, before=_asks),
    Picture("overdue", "rahimi", "/counter/authorizations/", "Reverse what is ticked", height=620),
    Picture("office", "officer", "/office/", "Applications waiting", height=700),
    Picture("certifications", "officer", "/office/certifications/", "Approve", height=620),
)  # fmt: skip


def test_pictures_show_what_the_guides_say(
    live: str, restored_snapshot: RestoreSnapshot, page: Page, clock: Clock, tmp_path: Path
) -> None:
    restored_snapshot(SEEDED)
    page.set_default_timeout(SLOW)
    for task in heartbeats.TASKS:
        heartbeats.beat(task, at=clock.at)
    folder = Path(os.environ.get("PICTURES", tmp_path))
    journey = Journey(page, live, clock)
    for picture in PICTURES:
        page.set_viewport_size({"width": picture.width, "height": picture.height})
        journey.as_(f"{picture.who}@demo.invalid").go(picture.path)
        picture.before(page)
        expect(page.locator("main")).to_contain_text(picture.sees)
        place = folder / f"{picture.name}.png"
        if picture.part:
            image = page.locator(picture.part).first.screenshot(path=place, animations="disabled", caret="hide")
        else:
            image = page.screenshot(path=place, animations="disabled", caret="hide")
        assert len(image) <= HEAVIEST, picture.name
