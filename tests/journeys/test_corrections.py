"""What was typed about a person is put right: by the practice, and on a telephone by the patient and the guardian."""

import re

import pytest

from accounts.models import User
from patients.models import Patient
from tests.accessible import is_narrow
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, DOCTOR, GUARDIAN, PASSWORD
from tests.journeys.snapshots import BEGUN, INVITED, MINOR_SIGNED

pytestmark = pytest.mark.browser

NEW = "ana.new@example.org"


def says_who(journey: Journey) -> None:
    """Asked once more who one is."""
    journey.page.fill("input[name=password]", PASSWORD)
    journey.send()


@pytest.mark.whole_run
def test_a_patient_changes_the_address_on_a_telephone(start_journey: StartJourney) -> None:
    journey = start_journey(BEGUN)
    journey.as_(ANA).go("/account/2fa/")
    journey.sees("You sign in as")
    is_narrow(journey.page)
    journey.page.get_by_role("link", name="Change your e-mail address").click()
    says_who(journey)
    journey.page.fill("input[name=email]", NEW)
    is_narrow(journey.page)
    journey.send("Send the link")
    journey.sees("We sent a link to the new address")
    assert "Another address" in journey.captured_email(ANA).subject
    link = re.search(r"/account/address/\S+", journey.captured_email(NEW).body)
    assert link is not None
    # Somebody else's browser: it says so, and changes nothing.
    journey.as_(DOCTOR).page.goto(journey.address + link.group())
    journey.sees("this link did not go to that account's address. Nothing was changed.")
    assert User.objects.filter(email=ANA).exists()
    journey.as_(ANA).go(link.group())
    is_narrow(journey.page)
    journey.send("Use this address")
    journey.sees("From now on you sign in by your new address")
    assert Patient.objects.get().email == NEW
    journey.page.goto(journey.address + link.group())
    journey.sees("It was used")
    journey.signs_in(NEW)


@pytest.mark.whole_run
def test_a_practice_corrects_a_name_and_replaces_a_guardian(start_journey: StartJourney) -> None:
    journey = start_journey(MINOR_SIGNED)
    journey.as_(DOCTOR).enters("contact")
    journey.page.fill("input[name=given_name]", "Anna")
    journey.page.fill("textarea[name=reason]", "misheard on the phone")
    is_narrow(journey.page)
    journey.send("Save the correction")
    journey.sees("The correction is saved.")
    journey.sees("Name or contact data corrected")
    journey.page.get_by_role("link", name="Replace").click()
    journey.page.fill("input[name=name]", "Tia Mora")
    journey.page.fill("input[name=email]", "tia@example.org")
    journey.page.fill("textarea[name=reason]", "another guardian was appointed")
    journey.send("Replace the guardian")
    journey.sees("The guardian is replaced")
    journey.sees("Tia Mora")
    assert "/invitation/" in journey.captured_email("tia@example.org").body
    assert "no longer" not in journey.captured_email(GUARDIAN).subject
    journey.enters("contact")
    journey.page.fill("textarea[name=reason]", "by mistake")
    journey.send("Save the correction")
    journey.sees("Nothing is different from before.")


def test_a_language_is_corrected_by_the_practice_and_chosen_on_a_telephone(start_journey: StartJourney) -> None:
    journey = start_journey(INVITED)
    journey.as_(DOCTOR).enters("contact")
    journey.page.get_by_label("Español").check()
    journey.page.fill("textarea[name=reason]", "asked at the visit")
    is_narrow(journey.page)
    journey.send("Save the correction")
    journey.sees("The correction is saved.")
    # The browser asks for English; the text to sign opens in Spanish, and the way to the other stays.
    journey.as_(ANA).go("/patient/sign/birth-defects/")
    journey.sees("Consentimiento sobre los defectos de nacimiento")
    journey.sees("(English)")
    journey.go("/account/2fa/")
    journey.sees("Español")
    is_narrow(journey.page)
    journey.language = "es"  # the page is in it too
    journey.page.get_by_role("link", name=journey.said("Change your language")).click()
    journey.page.get_by_label("English").check()
    is_narrow(journey.page)
    journey.send("Save the language")
    journey.language = "en"
    journey.sees("Your language is saved.")
    journey.go("/patient/sign/birth-defects/")
    journey.sees("(español)")
    assert Patient.objects.get().language == "en"
