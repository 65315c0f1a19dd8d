"""The day of the 18th birthday, on a phone: who signed under age signs anew, and the guardian's part is over."""

import re

import pytest
from playwright.sync_api import expect

from tests.accessible import is_narrow
from tests.journeys.journey import StartJourney
from tests.journeys.posted import ANA, GUARDIAN
from tests.journeys.snapshots import MINOR, MINOR_SIGNED

pytestmark = pytest.mark.browser


@pytest.mark.whole_run
def test_who_turns_18_signs_anew_and_the_guardian_acts_no_more(start_journey: StartJourney) -> None:
    journey = start_journey(MINOR_SIGNED)
    journey.accepts(GUARDIAN, MINOR)
    page = journey.page

    journey.clock.set("2028-06-14T23:59-04:00")
    journey.signs_in(ANA)
    journey.sees("Your parent or guardian signs")
    journey.sees_not("you are 18 now")
    journey.signs_in(GUARDIAN)
    journey.sees("Not signed yet")
    to_sign = page.locator("main a[href*='patient-information']").get_attribute("href")
    assert to_sign is not None

    journey.clock.set("2028-06-15T00:00-04:00")
    journey.go(to_sign)
    expect(page).to_have_url(re.compile(r"/guardian/$"))
    journey.sees_not("for ana", "not signed yet")
    assert page.locator("main a[href*='/sign/']").count() == 0

    journey.signs_in(ANA)
    journey.sees("You are 18 now: read and sign the patient information again")
    journey.sees_not("guardian")
    is_narrow(page)
    link = page.locator("main a[href*='patient-information']").first.get_attribute("href")
    journey.begins_to_read(link)
    journey.go(journey.posted.reads("patient-information", ANA))
    journey.signs_here("Ana Mora")
    journey.go("/patient/")
    journey.sees("You are 18 now: read and sign the page on birth defects again")
    journey.posted.signs("birth-defects", ANA, "Ana Mora")
    journey.go("/patient/")
    journey.sees_not("you are 18 now", "guardian")
