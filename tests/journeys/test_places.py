"""One person in several places, on a phone: a mother who is patient and guardian; a pharmacist at two stores."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import User
from devtools.demo.people import PHARMACIES
from patients.models import Pharmacist, Pharmacy
from patients.numbers import npi_check_digit
from tests.accessible import is_narrow
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import DOCTOR, GUARDIAN, PASSWORD, PHARMACIST
from tests.journeys.snapshots import BOTH_SIGNED, STAFFED

pytestmark = pytest.mark.browser


def place(journey: Journey) -> str:
    """What the header says of where the reader is."""
    return journey.page.locator(".reader__role").inner_text().strip()


@pytest.mark.whole_run
def test_mother_is_patient_and_guardian_with_one_account(start_journey: StartJourney) -> None:
    journey = start_journey(BOTH_SIGNED)
    fields = {"given_name": "Paula", "family_name": "Mora", "born_on": "04/09/1980", "email": GUARDIAN}
    journey.posted.sends(DOCTOR, "/prescriber/enrol/", **fields, category="can_become_pregnant")
    link = re.search(r"/invitation/\S+", journey.captured_email(GUARDIAN).body)
    assert link is not None
    page = journey.page

    journey.go(link.group())
    journey.sees("There is an account with the address")
    is_narrow(journey.page)
    page.locator("main").get_by_role("link", name="Sign in").click()
    page.fill("input[name=login]", GUARDIAN)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    journey.sees("You are signed in as Paula Mora")
    assert page.locator("input[type=password]").count() == 0, "no second password is chosen"
    page.fill("input[name=born_on]", "04/09/1980")
    journey.send("Open my account")
    expect(page).to_have_url(re.compile(r"/patient/$"))
    assert place(journey) == "Patient"
    is_narrow(journey.page)

    page.get_by_role("link", name="Change place").click()
    journey.sees("Who are you here today?")
    is_narrow(journey.page)
    page.get_by_role("button", name="Parent or guardian of B. M.").click()
    expect(page).to_have_url(re.compile(r"/guardian/$"))
    assert place(journey) == "Parent or guardian of B. M."
    is_narrow(journey.page)

    journey.signs_out()
    page.goto(journey.address + "/account/login/")
    page.fill("input[name=login]", GUARDIAN)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    journey.sees("Who are you here today?")
    page.get_by_role("button", name="Patient").click()
    expect(page).to_have_url(re.compile(r"/patient/$"))


def test_two_tabs_of_two_places_are_not_mixed_up(start_journey: StartJourney) -> None:
    journey = start_journey(STAFFED)
    user = User.objects.get(email=PHARMACIST)
    body = "199999998"
    store = Pharmacy.objects.create(
        name="Second Street Pharmacy", npi=body + npi_check_digit(body), state="approved", program="isotretinoin-us"
    )
    Pharmacist.objects.create(user=user, pharmacy=store)
    journey.as_(PHARMACIST).go("/account/place/")
    page = journey.page
    page.get_by_role("button", name=f"Pharmacist at {PHARMACIES[0][2]}").click()
    expect(page).to_have_url(re.compile(r"/counter/$"))
    page.fill("input[name=number]", "ABCD2348")

    other = page.context.new_page()
    other.goto(journey.address + "/account/place/")
    other.get_by_role("button", name="Pharmacist at Second Street Pharmacy").click()
    expect(other.locator(".reader__role")).to_have_text("Pharmacist at Second Street Pharmacy")

    journey.send()
    journey.sees("This form belongs to another of your places")
    is_narrow(journey.page)
    page.get_by_role("button", name=f"Send it as: Pharmacist at {PHARMACIES[0][2]}").click()
    expect(page.locator("input[name=number]")).to_have_value("ABCD-2348")
    assert place(journey) == f"Pharmacist at {PHARMACIES[0][2]}"
    other.goto(journey.address + "/prescriber/")
    expect(other.locator("h1")).to_be_visible()
