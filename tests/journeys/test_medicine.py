"""A patient opens the guide, reads how to take it, and what goes on after treatment; a pharmacy prints the guide."""

import pytest
from playwright.sync_api import expect

from tests import amount
from tests.accessible import Seen, faults
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, DOCTOR, PHARMACIST
from tests.journeys.snapshots import READY
from tests.journeys.test_in_spanish import in_spanish

pytestmark = pytest.mark.browser

WORDS = {
    "en": {
        "open": "Open the Medication Guide", "opened": "Medication Guide opened", "guide": "Medication Guide",
        "today": "Today", "take": "How to take it", "skip": "Skip it.", "after": "After treatment",
        "blood": "Give no blood until", "left": "Capsules left?",
    },
    "es": {
        "open": "Abra la guía del medicamento", "opened": "Guía del medicamento abierta",
        "guide": "Guía del medicamento", "today": "Hoy", "take": "Cómo tomarlo", "skip": "Sáltela.",
        "after": "Después del tratamiento", "blood": "No done sangre hasta el", "left": "¿Le sobran cápsulas?",
    },
}  # fmt: skip


def begins(start_journey: StartJourney, language: str) -> Journey:
    journey = start_journey(READY)
    if language == "es":
        in_spanish(journey)
    return journey.as_(ANA)


@pytest.mark.parametrize("language", [*WORDS][: amount.share(2, 1)])
def test_patient_opens_the_guide_and_reads_how_to_take_it(
    start_journey: StartJourney, language: str, seen: Seen
) -> None:
    journey, words = begins(start_journey, language), WORDS[language]
    page = journey.page
    journey.go("/patient/")
    page.get_by_role("button", name=words["open"], exact=True).click()
    page.wait_for_url("**/documents/text/medication-guide/*/**")
    expect(page.locator("h1")).to_have_text(words["guide"])
    assert faults(page, seen) == []
    journey.looks()
    page.get_by_role("link", name=words["today"], exact=True).last.click()
    page.wait_for_url("**/patient/")
    expect(page.locator(".steps").last).to_contain_text(words["opened"])
    expect(page.get_by_role("button", name=words["open"], exact=True)).to_have_count(0)
    page.locator("#medicine > summary").click()
    page.get_by_role("link", name=words["take"], exact=True).click()
    expect(page.locator("main")).to_contain_text(words["skip"])
    assert faults(page, seen) == []
    journey.looks()


@pytest.mark.whole_run
@pytest.mark.parametrize("language", [*WORDS][: amount.share(2, 1)])
def test_patient_reads_what_goes_on_after_treatment(start_journey: StartJourney, language: str, seen: Seen) -> None:
    journey, words = begins(start_journey, language), WORDS[language]
    posted = journey.posted
    posted.sends(DOCTOR, posted.entry("discontinue"), reason="done", dose="yes", last_dose_on=posted.today)
    journey.go("/patient/")
    expect(journey.page.get_by_role("heading", name=words["after"], exact=True)).to_be_visible()
    journey.sees(words["blood"])
    journey.sees(words["left"])
    assert faults(journey.page, seen) == []
    journey.looks()


@pytest.mark.whole_run
def test_pharmacy_prints_the_guide_by_one_press(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    journey.asks(journey.number())
    page = journey.page
    page.add_init_script("window.print = () => { document.documentElement.dataset.printed = 'true'; }")
    page.get_by_role("link", name="Print Medication Guide: Español").click()
    expect(page.locator("html")).to_have_attribute("data-printed", "true")
    expect(page.locator("h1")).to_have_text("Guía del medicamento")
    journey.as_(PHARMACIST).go("/documents/guide/es/")
    expect(page.locator("[data-print]")).to_be_visible()
    expect(page.locator("html")).not_to_have_attribute("data-printed", "true")
