"""A patient who cannot become pregnant, and a minor with a guardian."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from compliance.words.blockers import FORBIDDEN
from ledger.clock import now
from tests.histories import NEW_YORK
from tests.journeys.journey import StartJourney
from tests.journeys.posted import ANA, DOCTOR, GUARDIAN
from tests.journeys.snapshots import BOTH_SIGNED, CANNOT, MINOR, MINOR_SIGNED, STAFFED, VISITED

pytestmark = pytest.mark.browser


@pytest.mark.whole_run
def test_an_enrolment_says_why_one_cannot(start_journey: StartJourney) -> None:
    journey = start_journey(STAFFED)
    journey.enrols(category="cannot_become_pregnant", given="Ben")
    journey.sees("invited to sign")


def test_reason_is_asked_for_with_the_category_that_needs_one(start_journey: StartJourney) -> None:
    journey = start_journey(STAFFED)
    journey.as_(DOCTOR).go("/prescriber/enrol/")
    reason, findings = journey.page.locator("#div_id_reason"), journey.page.locator("#div_id_proof")
    expect(reason).to_be_hidden()
    expect(findings).to_be_hidden()
    journey.choose("category", "cannot_become_pregnant")
    expect(reason).to_be_visible()
    expect(findings).to_be_visible()
    # A slip is never out of sight.
    journey.page.select_option("select[name=reason]", "male")
    journey.choose("category", "can_become_pregnant")
    journey.send("Enrol the patient")
    expect(reason.locator(".field__error")).to_be_visible()


def test_a_guardian_is_asked_for_with_a_birth_date_that_needs_one(start_journey: StartJourney) -> None:
    journey = start_journey(STAFFED)
    journey.as_(DOCTOR).go("/prescriber/enrol/")
    name, born = journey.page.locator("#div_id_guardian_name"), journey.page.locator("input[name=born_on]")
    fields = journey.page.locator("[id^=div_id_guardian_]")
    assert fields.count() == 4
    today = now().astimezone(NEW_YORK).date()
    grown_up = today.replace(year=today.year - 18)
    minor = grown_up + timedelta(days=1)
    for typed, asked in {
        "": False, f"{minor:%m/%d/%Y}": True, f"{grown_up:%m/%d/%Y}": False, f"{minor:%m%d%Y}": True, "04/0": False,
        f"{minor:%Y-%m-%d}": True, f"{grown_up:%m%d%Y}": False, f"{minor:%m.%d.%Y}": True,
    }.items():  # fmt: skip
        born.fill(typed)
        assert [field.is_visible() for field in fields.all()] == [asked] * 4, typed
    # What was filled in is never out of sight, nor what is wrong.
    journey.page.fill("input[name=guardian_name]", "Paula Mora")
    born.fill(f"{grown_up:%m/%d/%Y}")
    expect(name).to_be_visible()
    expect(journey.page.locator("#div_id_guardian_email")).to_be_hidden()
    journey.send("Enrol the patient")
    expect(name.locator(".field__error")).to_be_visible()


@pytest.mark.whole_run
def test_from_the_visit_to_the_second_refill(start_journey: StartJourney) -> None:
    journey = start_journey(CANNOT)
    number = journey.number()
    journey.asks(number)
    journey.sees("Do not dispense")
    journey.visit()
    journey.fills(number)
    journey.forward(days=29)
    journey.posted.fills()
    journey.forward(days=29)
    journey.fills(number)


@pytest.mark.whole_run
def test_a_minor_needs_both_signatures(start_journey: StartJourney) -> None:
    journey = start_journey(MINOR_SIGNED)
    journey.as_(ANA).go("/patient/")
    journey.sees("Your parent or guardian signs")
    number = journey.number()
    journey.asks(number, MINOR)
    journey.sees("A guardian still has something to complete online.")
    journey.accepts(GUARDIAN, MINOR)
    journey.sees("Not signed yet")
    journey.sees_not(*FORBIDDEN["guardian"])
    journey.go("/guardian/")
    link = journey.page.locator("main a[href*='patient-information']").get_attribute("href")
    journey.begins_to_read(link)
    journey.go(journey.posted.reads("patient-information", GUARDIAN))
    journey.signs_here("Paula Mora")
    journey.go("/guardian/")
    assert journey.page.locator("main a[href*='birth-defects']").count() > 0
    journey.posted.signs("birth-defects", GUARDIAN, "Paula Mora")
    journey.go("/guardian/")
    journey.sees("Signed")
    journey.as_(ANA).go("/patient/")
    journey.sees("We ask you here once your prescriber has entered this month's test.")
    journey.sees_not("guardian")


@pytest.mark.whole_run
def test_a_minor_is_enrolled_with_a_guardian_or_not_at_all(start_journey: StartJourney) -> None:
    journey = start_journey(STAFFED)
    journey.enrols(born_on=MINOR)
    journey.sees("A patient under 18 signs together with a guardian.")
    assert journey.page.input_value("input[name=given_name]") == "Ana"
    journey.enrols(born_on=MINOR, guardian=True)
    journey.sees("invited to sign")


@pytest.mark.whole_run
def test_a_minor_cannot_be_signed_for_by_another_account(start_journey: StartJourney) -> None:
    journey = start_journey(BOTH_SIGNED)
    response = journey.as_(GUARDIAN).page.goto(f"{journey.address}/patient/sign/patient-information/")
    assert response is not None
    assert response.status == 403


@pytest.mark.whole_run
def test_a_reversal_and_a_positive_test_of_one_who_cannot(start_journey: StartJourney) -> None:
    journey = start_journey(VISITED)
    number = journey.number()
    journey.asks(number)
    journey.sees("Yes, dispense")
    journey.send("Not handed over: reverse")
    journey.sees("Reversed. It is recorded.")
    journey.test("positive")
    journey.sees("Treatment is stopped")
    journey.asks(number)
    journey.sees("Do not dispense")
    journey.sees_not(*FORBIDDEN["pharmacist"])


@pytest.mark.whole_run
def test_a_minor_who_cannot_and_an_authorization_that_expired(start_journey: StartJourney) -> None:
    journey = start_journey(BOTH_SIGNED)
    number = journey.number()
    journey.asks(number, MINOR)
    journey.sees("Yes, dispense")
    journey.forward(days=31)
    journey.go("/counter/authorizations/")
    journey.sees("Expired: reverse, or enter the hand-over")
    journey.page.click(".worklist tbody a >> nth=0")
    journey.send("It is back in stock: reverse")
    journey.fills(number, MINOR)
