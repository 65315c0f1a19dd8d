"""From enrolment to the second refill, and what goes wrong on the way, at a phone's width."""

import pytest

from compliance.words.blockers import FORBIDDEN
from tests.conftest import PATIENCE
from tests.journeys.posted import ANA, DOCTOR, OFFICE, PHARMACIST
from tests.journeys.stage import BEGUN, EMPTY, INVITED, READY, STAFFED
from tests.journeys.story import Tell

pytestmark = pytest.mark.browser


def test_from_enrolment_to_the_second_refill(tell: Tell) -> None:
    """The whole of it on the pages, once: every section of both texts is read."""
    story = tell(EMPTY)
    story.staffs()
    story.enrols().accepts()
    story.signs_in(ANA)
    story.signs("patient-information")
    story.signs("birth-defects")
    story.begins()
    story.forward(days=31)
    story.month()
    story.declares()
    story.answers()
    number = story.number()
    story.asks("2222-2222")
    story.sees("No patient with that number and date of birth.")
    story.asks(number, "01/01/1999")
    story.sees("No patient with that number and date of birth.")
    story.fills(number)
    story.asks(number)
    story.sees("Do not dispense")
    story.forward(days=29)
    story.month()
    story.declares()
    story.answers()
    story.fills(number)
    story.forward(days=29)
    story.posted.readies()
    story.fills(number)


def test_too_early_says_when_to_try_again(tell: Tell) -> None:
    story = tell(BEGUN)
    story.asks(story.number())
    story.sees("Do not dispense")
    story.sees("Thu, Dec 31, 2026")
    story.sees_not(*FORBIDDEN["pharmacist"])


def test_a_missed_window_is_opened_again(tell: Tell) -> None:
    story = tell(READY)
    number = story.number()
    story.forward(days=8)
    story.asks(number)
    story.sees("Do not dispense")
    story.as_(ANA).go("/patient/")
    story.sees("The days to pick up have passed")
    story.posted.readies()
    story.fills(number)


def test_a_positive_test_stops_everything_and_the_counter_is_not_told_why(tell: Tell) -> None:
    story = tell(READY)
    number = story.number()
    story.asks(number)
    story.sees("Yes, dispense")
    story.forward(hours=1)
    story.test("positive")
    story.sees("Treatment is stopped")
    story.as_(PHARMACIST).go("/counter/authorizations/")
    story.sees("Void")
    story.page.click(".worklist tbody a >> nth=0")
    story.send("Not handed over: reverse")
    story.sees("Reversed")
    story.asks(number)
    story.sees("Do not dispense")
    story.sees_not(*FORBIDDEN["pharmacist"])
    story.as_(ANA).go("/patient/")
    story.sees("Stop taking the medicine")


def test_different_methods_are_put_right(tell: Tell) -> None:
    story = tell(READY)
    number = story.number()
    story.posted.declares("iud", "male-latex-condom")
    story.asks(number)
    story.sees("The prescriber still has something to complete.")
    story.declares("combined-pill", "male-latex-condom")
    story.fills(number)


def test_a_reversal_gives_the_window_back(tell: Tell) -> None:
    story = tell(READY)
    number = story.number()
    story.asks(number)
    story.send("Not handed over: reverse")
    story.sees("Reversed. It is recorded.")
    story.fills(number)


def test_sent_twice_it_is_one_authorization(tell: Tell) -> None:
    story = tell(READY)
    number = story.number()
    story.as_(PHARMACIST).go("/counter/")
    form: dict[str, str | float | bool] = {"number": number, "born_on": "04/02/2001", "days_supply": "30"}
    names = ("key", "csrfmiddlewaretoken")
    form |= {name: story.page.input_value(f"main input[name={name}]") for name in names}
    answers = [story.page.request.post(f"{story.address}/counter/", form=form) for _ in range(2)]
    pages = [answer.text() for answer in answers]
    assert all("Yes, dispense" in page for page in pages)
    numbers = {page.split('decision__big number">')[1].split("<")[0] for page in pages}
    assert len(numbers) == 1
    story.go("/counter/authorizations/")
    assert story.page.locator(".worklist tbody tr").count() == 1


def test_the_same_person_elsewhere_goes_to_the_office_first(tell: Tell) -> None:
    story = tell(STAFFED)
    story.posted.enrols()
    story.enrols()
    story.sees("The program office looks at this enrolment first")
    story.as_(OFFICE).go("/office/duplicates/")
    story.send("Another person: let through")
    story.sees("It is recorded")
    story.as_(DOCTOR).go("/prescriber/")
    assert story.page.locator(".worklist tbody tr").count() == 2


def test_a_no_before_signing_is_kept_and_told(tell: Tell) -> None:
    story = tell(INVITED)
    story.as_(ANA).go(story.posted.reads("patient-information", answers={"mood": "no"}))
    story.sees("You can sign when every answer is yes.")
    assert story.page.locator("input[name=signer_password]").count() == 0
    story.go("/patient/sign/patient-information/")
    story.page.click("main a.btn-primary")
    story.sees("Your answers")
    story.opens_patient()
    story.sees("answered no to something")
    assert "talk" in story.letter(DOCTOR).subject


def test_without_javascript(tell: Tell) -> None:
    """Each sort of form: a registration, an enrolment, an account, a section, a signature, a month, a fill."""
    story = tell(STAFFED)
    browser = story.page.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        context.set_default_timeout(PATIENCE * 1000)
        story.page = context.new_page()
        story.registers("practice", "practice_name", "Second Practice", "second@example.org", 3)
        story.enrols().accepts()
        story.signs_in(ANA)
        story.begins_to_read("/patient/sign/patient-information/")
        story.go(story.posted.reads("patient-information"))
        story.signs_here("Ana Mora")
        story.posted.signs("birth-defects")
        story.posted.begins()
        story.forward(days=31)
        story.month()
        story.declares()
        story.answers()
        story.fills(story.number())
