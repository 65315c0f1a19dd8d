"""A patient without an e-mail address, on a phone: enrolled, invited by a letter, signed in by a user name, signed."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.accessible import Seen, faults, is_narrow
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, PASSWORD
from tests.journeys.snapshots import INVITED, STAFFED

pytestmark = pytest.mark.browser


def is_sound(page: Page, seen: Seen) -> None:
    """Nothing is in the way of anybody, and nothing stands out at the side of a phone."""
    is_narrow(page)
    assert faults(page, seen) == []
    page.set_viewport_size({"width": 390, "height": 844})


def printed_code(journey: Journey) -> str:
    """The code, read from the letter as the practice prints it."""
    journey.page.get_by_role("button", name="Print a letter with a code").click()
    journey.sees("Print this letter now")
    expect(journey.page.get_by_role("button", name="Print the letter")).to_be_visible()
    return journey.page.locator(".letter__code").inner_text()


def types_code(journey: Journey, seen: Seen, code: str, born_on: str = "04/02/2001") -> None:
    """From the front page, as the letter says."""
    page = journey.page
    page.context.clear_cookies()
    journey.go("/")
    page.get_by_role("link", name="I have a letter with a code").click()
    page.locator("input[name=code]").wait_for()
    is_sound(page, seen)
    page.fill("input[name=code]", code.lower().replace("-", " "))
    page.fill("input[name=born_on]", born_on)
    journey.send("Go on")


@pytest.mark.whole_run
def test_patient_without_an_address_opens_an_account_by_a_letter_and_signs(
    start_journey: StartJourney, seen: Seen
) -> None:
    journey = start_journey(STAFFED)
    page = journey.page
    journey.enrols(email="")
    journey.sees("The patient is enrolled.")
    journey.sees("No letter has been printed yet")
    journey.sees("No e-mail address: we cannot write to them. Call.")
    is_narrow(page)
    code = printed_code(journey)
    is_sound(page, seen)

    types_code(journey, seen, code, "04/03/2001")
    journey.sees("No letter that counts has this code with this date of birth")
    types_code(journey, seen, code)
    journey.sees("By these two you sign in from now on")
    is_sound(page, seen)
    user_name = page.input_value("input[name=user_name]")
    page.fill("input[name=password1]", PASSWORD)
    journey.send("Open my account")
    journey.sees("Your account is open")
    is_sound(page, seen)

    journey.signs_out()
    page.goto(journey.address + "/account/login/")
    is_sound(page, seen)
    page.fill("input[name=login]", user_name.upper())
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page).to_have_url(re.compile(r"/patient/$"))
    journey.signs("patient-information")

    journey.go("/account/2fa/")
    journey.sees(user_name)
    is_sound(page, seen)
    user = User.objects.get(user_name=user_name)
    assert (user.email, settings.ACCOUNT_PRESERVE_USERNAME_CASING) == ("", False)


@pytest.mark.whole_run
def test_patient_who_has_no_address_any_more_goes_on_by_a_user_name(start_journey: StartJourney, seen: Seen) -> None:
    journey = start_journey(INVITED)
    page = journey.page
    journey.signs_in(ANA).go("/account/2fa/")
    journey.confirms(page.get_by_role("link", name="I have no e-mail any more"))
    journey.sees("In its place choose a user name")
    is_sound(page, seen)
    page.fill("input[name=user_name]", "Maple-River-42")
    journey.send("Sign in by this from now on")
    journey.sees("From now on you sign in by your user name")
    journey.signs_out()
    journey.signs_in("maple-river-42")
    journey.opens_patient()
    journey.sees("Signs in as maple-river-42.")
    journey.sees("No e-mail address: we cannot write to them. Call.")
