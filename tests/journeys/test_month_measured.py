"""What a routine month costs the prescriber: controls and height of both steps, and the density of the worklist."""

import pytest
from playwright.sync_api import Page, ViewportSize

from compliance.models import PatientStatus
from patients.models import Prescriber
from tests import factories
from tests.accessible import Seen, faults
from tests.histories import NOW
from tests.journeys.journey import StartJourney
from tests.journeys.posted import DOCTOR
from tests.journeys.snapshots import BEGUN

pytestmark = pytest.mark.browser

#: One and a half screens of a desk.
SCREEN: ViewportSize = {"width": 1280, "height": 900}
HIGHEST = 1350

_CONTROLS = """() => [...document.querySelectorAll("main input:not([type=hidden]), main select, main textarea")]
    .filter(e => e.offsetParent !== null && !e.classList.contains("visually-hidden")).length"""

_ROWS_ON_THE_SCREEN = """() => [...document.querySelectorAll(".worklist tbody tr")]
    .filter(row => row.getBoundingClientRect().bottom <= window.innerHeight).length"""


def measured(page: Page) -> tuple[int, int]:
    """How many controls are to be filled in, and how high the page is."""
    return page.evaluate(_CONTROLS), page.evaluate("document.documentElement.scrollHeight")


def test_month_has_eight_controls_at_most_on_one_and_a_half_screens(start_journey: StartJourney, seen: Seen) -> None:
    journey = start_journey(BEGUN)
    journey.page.set_viewport_size(SCREEN)
    journey.forward(days=31)
    journey.enters("month")
    controls, height = measured(journey.page)
    assert (controls <= 8, height <= HIGHEST) == (True, True), (controls, height)
    journey.page.select_option("select[name=result]", "negative")
    journey.page.select_option("select[name=setting]", "laboratory")
    journey.choose("menses", "first_five_days")
    journey.send("See what this opens")
    journey.sees("What this opens")
    controls, height = measured(journey.page)
    # The second test alone also asks for the menses: two more.
    assert (controls <= 10, height <= HIGHEST) == (True, True), (controls, height)
    assert faults(journey.page, seen) == []


def many() -> None:
    """Thirty more patients, who all need the practice today."""
    doctor = Prescriber.objects.get(user__email=DOCTOR)
    for _number in range(30):
        row = factories.patient(doctor)
        PatientStatus.objects.update_or_create(
            patient=row,
            defaults={
                "stage": "month", "log_number": 1, "editions": "", "assessed_at": NOW, "program": row.program,
                "blockers": [["counselling-missing", None], ["comprehension-missing", None]],
                "window_last": NOW.date(), "prescriber_acts_from": NOW.date(),
            },
        )  # fmt: skip


def test_worklist_shows_eighteen_rows_on_a_screen_and_goes_by_keyboard(start_journey: StartJourney) -> None:
    journey = start_journey(BEGUN)
    many()
    page = journey.as_(DOCTOR).page
    page.set_viewport_size(SCREEN)
    journey.go("/prescriber/")
    rows = page.evaluate(_ROWS_ON_THE_SCREEN)
    assert rows >= 18
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("ArrowDown")
    first = page.evaluate("document.activeElement.href")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.href") != first
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/**")
    page.get_by_role("link", name="Patients", exact=True).last.click()
    page.wait_for_url("**/prescriber/**")
    page.wait_for_function("href => document.activeElement.href === href", arg=first)  # back at the row that was left
