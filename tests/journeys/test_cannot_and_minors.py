"""A patient who cannot become pregnant, and a minor with a guardian."""

import pytest

from compliance.words.blockers import FORBIDDEN
from tests.journeys.posted import ANA, GUARDIAN
from tests.journeys.stage import BOTH_SIGNED, CANNOT, MINOR, MINOR_SIGNED, STAFFED, VISITED
from tests.journeys.story import Tell

pytestmark = pytest.mark.browser


def test_an_enrolment_says_why_one_cannot(tell: Tell) -> None:
    story = tell(STAFFED)
    story.enrols(category="cannot_become_pregnant", given="Ben")
    story.sees("invited to sign")


def test_from_the_visit_to_the_second_refill(tell: Tell) -> None:
    story = tell(CANNOT)
    number = story.number()
    story.asks(number)
    story.sees("Do not dispense")
    story.visit()
    story.fills(number)
    for _ in range(2):
        story.forward(days=29)
        story.fills(number)


def test_a_minor_needs_both_signatures(tell: Tell) -> None:
    story = tell(MINOR_SIGNED)
    story.as_(ANA).go("/patient/")
    story.sees("Your parent or guardian signs")
    number = story.number()
    story.asks(number, MINOR)
    story.sees("A guardian still has something to complete online.")
    story.accepts(GUARDIAN, MINOR)
    story.sees("Not signed yet")
    story.sees_not(*FORBIDDEN["guardian"])
    story.go("/guardian/")
    link = story.page.locator("main a[href*='patient-information']").get_attribute("href")
    story.begins_to_read(link)
    story.go(story.posted.reads("patient-information", GUARDIAN))
    story.signs_here("Paula Mora")
    story.go("/guardian/")
    assert story.page.locator("main a[href*='birth-defects']").count() > 0
    story.posted.signs("birth-defects", GUARDIAN, "Paula Mora")
    story.go("/guardian/")
    story.sees("Signed")
    story.as_(ANA).go("/patient/")
    story.sees("We ask you here once your prescriber has entered this month's test.")
    story.sees_not("guardian")


def test_a_minor_is_enrolled_with_a_guardian_or_not_at_all(tell: Tell) -> None:
    story = tell(STAFFED)
    story.enrols(born_on=MINOR)
    story.sees("A patient under 18 signs together with a guardian.")
    assert story.page.input_value("input[name=given_name]") == "Ana"
    story.enrols(born_on=MINOR, guardian=True)
    story.sees("invited to sign")


def test_a_minor_cannot_be_signed_for_by_another_account(tell: Tell) -> None:
    story = tell(BOTH_SIGNED)
    response = story.as_(GUARDIAN).page.goto(f"{story.address}/patient/sign/patient-information/")
    assert response is not None
    assert response.status == 403


def test_a_reversal_and_a_positive_test_of_one_who_cannot(tell: Tell) -> None:
    story = tell(VISITED)
    number = story.number()
    story.asks(number)
    story.sees("Yes, dispense")
    story.send("Not handed over: reverse")
    story.sees("Reversed. It is recorded.")
    story.test("positive")
    story.sees("Treatment is stopped")
    story.asks(number)
    story.sees("Do not dispense")
    story.sees_not(*FORBIDDEN["pharmacist"])


def test_a_minor_who_cannot_and_an_authorization_that_expired(tell: Tell) -> None:
    story = tell(BOTH_SIGNED)
    number = story.number()
    story.asks(number, MINOR)
    story.sees("Yes, dispense")
    story.forward(days=31)
    story.go("/counter/authorizations/")
    story.sees("Expired: reverse, or enter the hand-over")
    story.page.click(".worklist tbody a >> nth=0")
    story.send("Not handed over: reverse")
    story.fills(number, MINOR)
