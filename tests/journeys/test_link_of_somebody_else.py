"""A link that somebody else opens who is signed in, on a phone: it says so, and the owner goes on after signing out."""

import re

import pytest
from playwright.sync_api import expect

from tests.accessible import is_narrow
from tests.journeys.journey import StartJourney
from tests.journeys.posted import ANA, GUARDIAN, PASSWORD
from tests.journeys.snapshots import MINOR, STAFFED

pytestmark = pytest.mark.browser


@pytest.mark.whole_run
def test_parent_opens_the_childs_invitation_and_signs_out_first(start_journey: StartJourney) -> None:
    """One phone in the family: the guardian is signed in, and the child's letter is opened on it."""
    journey = start_journey(STAFFED)
    journey.posted.enrols(born_on=MINOR, guardian=True)
    journey.posted.accepts(GUARDIAN, MINOR)
    letter = re.search(r"/invitation/\S+", journey.captured_email(ANA).body)
    assert letter is not None
    page = journey.signs_in(GUARDIAN).page

    journey.go(letter.group())
    journey.sees("You are signed in as Paula Mora")
    journey.sees("Nothing was changed.")
    is_narrow(page)
    assert page.locator("input[type=password], input[name=born_on]").count() == 0
    page.get_by_role("link", name="Stay signed in, and go to your start page").click()
    expect(page).to_have_url(re.compile(r"/guardian/$"))

    journey.go(letter.group())
    page.locator("main").get_by_role("button", name="Sign out").click()
    journey.go(letter.group())
    page.fill("input[name=born_on]", MINOR)
    page.fill("input[name=password1]", PASSWORD)
    journey.send("Open my account")
    journey.sees("Your account is open")
    expect(page.locator(".reader__name, .reader").first).to_contain_text("Ana Mora")

    # Back, as people do: the letter is used up, and the session is still the child's.
    journey.go(letter.group())
    expect(page.locator("main")).not_to_contain_text("Open my account")
    journey.go("/patient/")
    journey.sees("Read and sign")
