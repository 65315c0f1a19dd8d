"""How high a prescriber's page of a patient is at a desk, after a course of two months."""

import pytest
from playwright.sync_api import Page

from tests import amount
from tests.accessible import DESK, Seen, faults
from tests.journeys.journey import StartJourney
from tests.journeys.posted import DOCTOR
from tests.journeys.snapshots import READY

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not amount.EVERYTHING, reason="a course of two months: bin/test --all"),
]

#: One screen and two thirds of a desk.
HIGHEST = 1500


def height(page: Page) -> int:
    page.wait_for_load_state("networkidle")
    return int(page.evaluate("document.documentElement.scrollHeight"))


def test_page_of_a_course_of_two_months_is_short(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    number = journey.number()
    journey.fills(number)
    journey.forward(days=29)
    page = journey.as_(DOCTOR).page
    page.set_viewport_size({"width": DESK, "height": 900})
    found = {}
    journey.as_(DOCTOR).opens_patient()
    found["the next test is due"] = height(page)
    journey.posted.month()
    journey.as_(DOCTOR).opens_patient()
    found["the patient's part is open"] = height(page)
    journey.posted.declares()
    journey.posted.answers()
    journey.fills(number)
    journey.as_(DOCTOR).opens_patient()
    found["filled twice"] = height(page)
    assert {state: high for state, high in found.items() if high > HIGHEST} == {}, found
    assert faults(page, Seen()) == []
