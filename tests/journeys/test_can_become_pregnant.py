"""From enrolment to the second refill, and what goes wrong on the way, at a phone's width."""

import pytest

from compliance.words.blockers import FORBIDDEN
from tests.conftest import PATIENCE
from tests.journeys.stage import once
from tests.journeys.story import ANA, DOCTOR, OFFICE, PHARMACIST, Story

pytestmark = pytest.mark.browser


def ready(story: Story) -> str:
    """A patient after the lead-in with everything done for the first month; her number."""

    def walk() -> None:
        story.invited().as_(ANA)
        story.signs("patient-information")
        story.signs("birth-defects")
        story.begins()
        story.forward(days=31)
        story.month()
        story.declares()
        story.answers()

    once(story, "ready", walk)
    return story.number()


def test_from_enrolment_to_the_second_refill(story: Story) -> None:
    number = ready(story)
    story.asks("2222-2222")
    story.sees("No patient with that number and date of birth.")
    story.asks(number, "01/01/1999")
    story.sees("No patient with that number and date of birth.")
    story.fills(number)
    story.asks(number)
    story.sees("Do not dispense")
    for _ in range(2):
        story.forward(days=29)
        story.month()
        story.declares()
        story.answers()
        story.fills(number)


def test_too_early_says_when_to_try_again(story: Story) -> None:
    story.invited().as_(ANA)
    story.signs("patient-information")
    story.signs("birth-defects")
    story.begins()
    story.asks(story.number())
    story.sees("Do not dispense")
    story.sees("Thu, Dec 31, 2026")
    story.sees_not(*FORBIDDEN["pharmacist"])


def test_a_missed_window_is_opened_again(story: Story) -> None:
    number = ready(story)
    story.forward(days=8)
    story.asks(number)
    story.sees("Do not dispense")
    story.as_(ANA).go("/patient/")
    story.sees("The days to pick up have passed")
    story.month()
    story.declares()
    story.answers()
    story.fills(number)


def test_a_positive_test_stops_everything_and_the_counter_is_not_told_why(story: Story) -> None:
    number = ready(story)
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


def test_different_methods_are_put_right(story: Story) -> None:
    number = ready(story)
    story.declares("iud", "male-latex-condom")
    story.asks(number)
    story.sees("something to clear up between them")
    story.declares("combined-pill", "male-latex-condom")
    story.fills(number)


def test_a_reversal_gives_the_window_back(story: Story) -> None:
    number = ready(story)
    story.asks(number)
    story.send("Not handed over: reverse")
    story.sees("Reversed. It is recorded.")
    story.fills(number)


def test_sent_twice_it_is_one_authorization(story: Story) -> None:
    number = ready(story)
    story.as_(PHARMACIST).go("/counter/")
    form: dict[str, str | float | bool] = {"number": number, "born_on": "04/02/2001", "days_supply": "30"}
    names = ("key", "csrfmiddlewaretoken")
    form |= {name: story.page.input_value(f"main input[name={name}]") for name in names}
    answers = [story.page.request.post(f"{story.address}/counter/", form=form) for _ in range(2)]
    pages = [answer.text() for answer in answers]
    assert all("Yes, dispense" in page for page in pages)
    numbers = {page.split('answer__big number">')[1].split("<")[0] for page in pages}
    assert len(numbers) == 1
    story.go("/counter/authorizations/")
    assert story.page.locator(".worklist tbody tr").count() == 1


def test_the_same_person_elsewhere_goes_to_the_office_first(story: Story) -> None:
    story.staffed().enrols()
    story.sees("invited to sign")
    story.enrols()
    story.sees("The program office looks at this enrolment first")
    story.as_(OFFICE).go("/office/duplicates/")
    story.send("Another person: let through")
    story.sees("It is recorded")
    story.as_(DOCTOR).go("/prescriber/")
    assert story.page.locator(".worklist tbody tr").count() == 2


def test_a_no_before_signing_is_kept_and_told(story: Story) -> None:
    story.invited().as_(ANA)
    story.reads("patient-information", answers={"mood": "no"})
    story.sees("You can sign when every answer is yes.")
    assert story.page.locator("input[name=signer_password]").count() == 0
    story.go("/patient/sign/patient-information/")
    story.page.click("main a.btn-primary")
    story.sees("Your answers")
    story.opens_patient()
    story.sees("answered no to something")
    assert "talk" in story.letter(DOCTOR).subject


def test_without_javascript(story: Story) -> None:
    browser = story.page.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        context.set_default_timeout(PATIENCE * 1000)
        story.page, story.told_anew = context.new_page(), True
        story.fills(ready(story))
