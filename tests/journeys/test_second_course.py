"""Who comes back begins with what is known; a wrong end of a course is found and put right from its line."""

import pytest
from playwright.sync_api import expect

from tests.accessible import is_narrow
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA
from tests.journeys.snapshots import CANNOT

pytestmark = pytest.mark.browser


def ends(journey: Journey) -> None:
    journey.enters("discontinue")
    journey.sees("Ended in error?")
    journey.choose("dose", "no")
    journey.page.fill("textarea[name=reason]", "moved away")
    journey.send("End the course")
    journey.sees("The course has ended.")


@pytest.mark.whole_run
def test_a_second_course_begins_with_what_is_known_and_is_signed_anew(start_journey: StartJourney) -> None:
    journey = start_journey(CANNOT)
    ends(journey)
    journey.forward(days=400)
    journey.enters("course")
    for said in ("Known from before", "Assigned male at birth", "Check that it still holds", "Enrolled in error?"):
        journey.sees(said)
    expect(journey.page.locator("input[name=category][value=cannot_become_pregnant]")).to_be_checked()
    expect(journey.page.locator("select[name=reason]")).to_have_value("male")
    journey.send("Begin the course")
    journey.sees("The course has begun.")
    journey.as_(ANA).go("/patient/")
    journey.sees("Your new course")
    journey.sees("You read and sign again: Patient information.")
    is_narrow(journey.page)


@pytest.mark.whole_run
def test_a_course_that_was_ended_in_error_goes_on_from_its_line(start_journey: StartJourney) -> None:
    journey = start_journey(CANNOT)
    ends(journey)
    journey.page.get_by_role("link", name="Entered in error").first.click()
    journey.sees("Was the entry right after all? Enter it again")
    is_narrow(journey.page)
