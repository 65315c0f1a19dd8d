"""What the main journeys cost, measured in a browser against the table of `docs/journeys.md`."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from tests import amount
from tests.journeys import costs
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, DOCTOR, OFFICE, PASSWORD, PHARMACIST
from tests.journeys.snapshots import INVITED, READY, STAFFED
from tests.journeys.test_patients_month import Hand


def test_page_of_costs_is_what_the_table_says() -> None:
    assert costs.PAGE.read_text() == costs.text()


#: In Spanish the pages are higher and have more words; the ways are the same.
LANGUAGES = [
    "en",
    pytest.param("es", marks=pytest.mark.skipif(not amount.EVERYTHING, reason="in Spanish too: bin/test --all")),
]


def _in(language: str, journey: Journey) -> Journey:
    """Everybody reads that language from here on."""
    User.objects.update(language=language)
    journey.language = language
    return journey


def _fills(journey: Journey, number: str) -> None:
    """At the counter, from its first page to the next patient's."""
    page = journey.page
    page.fill("input[name=number]", number)
    page.fill("input[name=born_on]", "04/02/2001")
    journey.send("May I dispense?")
    journey.sees("Yes, dispense")
    page.locator("[data-hold] [type=submit]").click()
    page.locator("[data-held-next]").click()
    expect(page.locator(".messages")).to_contain_text(journey.page_number(number))


def _confirms(journey: Journey) -> None:
    """The practice's month, from the list."""
    page = journey.page
    page.click(".worklist tbody a >> nth=0")
    page.locator("main").get_by_role("link", name=journey.said("This month"), exact=True).first.click()
    page.select_option("select[name=result]", "negative")
    page.select_option("select[name=setting]", "laboratory")
    journey.send("See what this opens")
    journey.sees("What this opens")
    journey.attests()
    journey.send("Confirm the month")
    journey.sees("The month is confirmed")


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_cost_of_a_month_for_counter_practice_and_patient(start_journey: StartJourney, language: str) -> None:
    journey = _in(language, start_journey(READY))
    meter, number = costs.Meter(journey.page, language), journey.number()
    with meter.measures(costs.COUNTER, lambda: journey.as_(PHARMACIST).go("/counter/")):
        _fills(journey, number)
    journey.forward(days=29)
    with meter.measures(costs.PRACTICE, lambda: journey.as_(DOCTOR).go("/prescriber/")):
        _confirms(journey)
    with meter.measures(costs.PATIENT, lambda: journey.as_(ANA).go("/patient/")):
        Hand(journey.page).does_the_month(journey)


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_cost_of_the_consent(start_journey: StartJourney, language: str) -> None:
    journey = start_journey(INVITED)
    journey.posted.signs("patient-information")
    _in(language, journey)
    with costs.Meter(journey.page, language).measures(costs.CONSENT, lambda: journey.as_(ANA).go("/patient/")):
        journey.page.locator("main").get_by_role("link", name=journey.said("Read and sign"), exact=True).first.click()
        journey.page.wait_for_url("**/sign/birth-defects/")
        journey.reads_here("birth-defects")
        journey.page.fill("input[name=signer_password]", PASSWORD)
        journey.send("Sign")
        journey.sees("Thank you. Your signature is recorded.")


@pytest.mark.whole_run
@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
def test_cost_of_an_approval(start_journey: StartJourney, language: str) -> None:
    journey = start_journey(STAFFED)
    journey.registers("practice", "practice_name", "Elm Street Skin Clinic", "second@example.org", 3)
    _in(language, journey)
    with costs.Meter(journey.page, language).measures(costs.OFFICE, lambda: journey.as_(OFFICE).go("/office/")):
        journey.page.get_by_role("link", name=journey.said("Applications waiting")).first.click()
        journey.page.locator(".worklist tbody a").first.click()
        journey.send("Approve")
        journey.sees("Approved")
