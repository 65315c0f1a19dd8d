"""A patient who cannot become pregnant, and a minor with a guardian."""

import pytest

from compliance.words.blockers import FORBIDDEN
from tests.journeys.story import ANA, GUARDIAN, Story

pytestmark = pytest.mark.browser


def test_from_enrolment_to_the_second_refill(story: Story) -> None:
    story.staffed().enrols(category="cannot_become_pregnant", given="Ben")
    story.accepts()
    story.signs("patient-information", name="Ben Mora")
    number = story.number()
    story.asks(number)
    story.sees("Do not dispense")
    story.visit()
    story.fills(number)
    for _ in range(2):
        story.forward(days=29)
        story.fills(number)


def test_a_minor_needs_both_signatures(story: Story) -> None:
    born = "06/15/2010"
    story.staffed().enrols(born_on=born, guardian=True)
    story.accepts(born_on=born)
    story.signs("patient-information")
    story.signs("birth-defects")
    story.sees("Your parent or guardian signs")
    number = story.number()
    story.asks(number, born)
    story.sees("A guardian still has something to complete online.")
    story.accepts(GUARDIAN, born)
    story.sees("Not signed yet")
    story.sees_not(*FORBIDDEN["guardian"])
    for code in ("patient-information", "birth-defects"):
        story.go("/guardian/")
        link = story.page.locator(f"main a[href*='{code}']").get_attribute("href")
        story.signs(code, link, name="Paula Mora")
    story.sees("Signed")
    story.as_(ANA).go("/patient/")
    story.sees("Tell us which birth control you use")
    story.sees_not("guardian")


def test_a_minor_is_not_enrolled_without_a_guardian(story: Story) -> None:
    story.staffed().enrols(born_on="06/15/2010")
    story.sees("A patient under 18 signs together with a guardian.")
    assert story.page.input_value("input[name=given_name]") == "Ana"


def test_a_minor_cannot_be_signed_for_by_another_account(story: Story) -> None:
    born = "06/15/2010"
    story.staffed().enrols(born_on=born, guardian=True)
    story.accepts(GUARDIAN, born)
    response = story.page.goto(f"{story.address}/patient/sign/patient-information/")
    assert response is not None
    assert response.status == 403


def test_a_reversal_and_a_positive_test_of_one_who_cannot(story: Story) -> None:
    story.staffed().enrols(category="cannot_become_pregnant", given="Ben")
    story.accepts()
    story.signs("patient-information", name="Ben Mora")
    story.visit()
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


def test_a_minor_who_cannot_and_an_authorization_that_expired(story: Story) -> None:
    born = "06/15/2010"
    story.staffed().enrols(category="cannot_become_pregnant", given="Ben", born_on=born, guardian=True)
    story.accepts(born_on=born)
    story.signs("patient-information", name="Ben Mora")
    story.accepts(GUARDIAN, born)
    story.go("/guardian/")
    link = story.page.locator("main a[href*='patient-information']").get_attribute("href")
    story.signs("patient-information", link, name="Paula Mora")
    story.visit()
    number = story.number()
    story.asks(number, born)
    story.sees("Yes, dispense")
    story.forward(days=31)
    story.go("/counter/authorizations/")
    story.sees("Expired: return to stock and reverse")
    story.page.click(".worklist tbody a >> nth=0")
    story.send("Not handed over: reverse")
    story.fills(number, born)
