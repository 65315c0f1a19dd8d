"""From enrolment to the second refill, and what goes wrong on the way, at a phone's width."""

from uuid import uuid4

import pytest

from accounts.roles import OFFICER
from compliance.commands import held_decisions
from compliance.words.blockers import FORBIDDEN
from ledger.actor import Actor
from patients.models import HeldEnrolment
from tests import factories
from tests.accessible import is_narrow
from tests.conftest import PATIENCE
from tests.journeys.journey import StartJourney
from tests.journeys.posted import ANA, DOCTOR, OFFICE, PHARMACIST
from tests.journeys.snapshots import BEGUN, EMPTY, INVITED, READY, STAFFED

pytestmark = pytest.mark.browser


@pytest.mark.whole_run
def test_from_enrolment_to_the_second_refill(start_journey: StartJourney) -> None:
    """Each act of it on the pages once. Of both texts one section: each is read by click where one signs by a letter
    (`test_letters.py`), and where its cost is measured (`test_costs.py`). The second month is the first again.
    """
    journey = start_journey(EMPTY)
    journey.staffs()
    journey.enrols().accepts()
    journey.signs_in(ANA)
    for code in ("patient-information", "birth-defects"):
        journey.begins_to_read(f"/patient/sign/{code}/")
        journey.go(journey.posted.reads(code))
        journey.signs_here("Ana Mora")
    journey.opens_patient()
    journey.begins()
    journey.forward(days=31)
    journey.month()
    journey.declares()
    journey.answers()
    number = journey.reads_number()
    journey.asks("2222-2222")
    journey.sees("No patient with that number and date of birth.")
    journey.asks(number, "01/01/1999")
    journey.sees("No patient with that number and date of birth.")
    journey.fills(number)
    journey.asks(number)
    journey.sees("Do not dispense")
    journey.forward(days=29)
    journey.posted.readies()
    journey.posted.fills()
    journey.forward(days=29)
    journey.posted.readies()
    journey.fills(number)


@pytest.mark.whole_run
def test_too_early_says_when_to_try_again(start_journey: StartJourney) -> None:
    journey = start_journey(BEGUN)
    journey.asks(journey.number())
    journey.sees("Do not dispense")
    journey.sees("Thu, Dec 31, 2026")
    journey.sees_not(*FORBIDDEN["pharmacist"])


@pytest.mark.whole_run
def test_a_missed_window_is_opened_again(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    number = journey.number()
    journey.forward(days=8)
    journey.asks(number)
    journey.sees("Do not dispense")
    journey.as_(ANA).go("/patient/")
    journey.sees("The days to pick up have passed")
    journey.posted.readies()
    journey.fills(number)


@pytest.mark.whole_run
def test_a_positive_test_stops_everything_and_the_counter_is_not_told_why(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    number = journey.number()
    journey.asks(number)
    journey.sees("Yes, dispense")
    journey.forward(hours=1)
    journey.test("positive")
    journey.sees("Treatment is stopped")
    journey.as_(PHARMACIST).go("/counter/authorizations/")
    journey.sees("Void")
    journey.page.click(".worklist tbody a >> nth=0")
    journey.send("It is back in stock: reverse")
    journey.sees("Reversed")
    journey.asks(number)
    journey.sees("Do not dispense")
    journey.sees_not(*FORBIDDEN["pharmacist"])
    journey.as_(ANA).go("/patient/")
    journey.sees("Stop taking the medicine")


@pytest.mark.whole_run
def test_an_answer_loaded_again_is_judged_of_now(start_journey: StartJourney) -> None:
    """Loading the page again asks nothing again; what happened meanwhile takes the yes back, and the button."""
    journey = start_journey(READY)
    number = journey.number()
    journey.asks(number)
    journey.sees("Yes, dispense")
    address = journey.page.url.removeprefix(journey.address)
    assert address.startswith("/counter/answers/")
    journey.page.reload()
    journey.sees("Yes, dispense")
    journey.forward(hours=1)
    journey.test("positive")
    journey.as_(PHARMACIST).go(address)
    journey.sees("Void since")
    journey.sees_not("yes, dispense", "handed over: record it", *FORBIDDEN["pharmacist"])


@pytest.mark.whole_run
def test_different_methods_are_put_right(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    number = journey.number()
    journey.posted.declares("iud", "male-latex-condom")
    journey.asks(number)
    journey.sees("The prescriber still has something to complete.")
    journey.declares("combined-pill", "male-latex-condom")
    journey.fills(number)


@pytest.mark.whole_run
def test_a_reversal_gives_the_window_back(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    number = journey.number()
    journey.asks(number)
    journey.send("Not handed over: reverse")
    journey.sees("Reversed. It is recorded.")
    journey.fills(number)


def test_sent_twice_it_is_one_authorization(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    number = journey.number()
    journey.as_(PHARMACIST).go("/counter/")
    form: dict[str, str | float | bool] = {"number": number, "born_on": "04/02/2001", "days_supply": "30"}
    names = ("key", "csrfmiddlewaretoken")
    form |= {name: journey.page.input_value(f"main input[name={name}]") for name in names}
    answers = [journey.page.request.post(f"{journey.address}/counter/", form=form) for _ in range(2)]
    pages = [answer.text() for answer in answers]
    assert all("Yes, dispense" in page for page in pages)
    numbers = {page.split('decision__big number">')[1].split("<")[0] for page in pages}
    assert len(numbers) == 1
    journey.go("/counter/authorizations/")
    assert journey.page.locator(".worklist tbody tr").count() == 1


@pytest.mark.whole_run
def test_the_same_person_is_shown_to_the_practice_and_goes_to_the_office_first(start_journey: StartJourney) -> None:
    journey = start_journey(STAFFED)
    journey.posted.enrols()
    journey.enrols()
    journey.sees("You may have this patient already")
    journey.sees("A course or a stop is open. Go on there.")
    is_narrow(journey.page)
    journey.page.check("input[name=somebody_else]")
    journey.send("Enrol the patient")
    journey.sees("The program office reviews this enrolment first")
    journey.as_(OFFICE).go("/office/duplicates/")
    journey.page.click("main .panel__title a")
    journey.sees("two officers decide")
    assert journey.page.locator("tbody .pill", has_text="Same").count() == 5
    journey.choose("decision", "through")
    journey.send("Decide")
    journey.sees("Say how you made sure.")
    journey.page.fill("textarea[name=reason]", "Two cousins of one name, both were called.")
    journey.send("Decide")
    journey.sees("Nothing is done until another officer confirms it.")
    journey.page.click("main .panel__title a")
    journey.sees("Two cousins of one name")
    confirm = Actor(factories.officer().pk, OFFICER)
    held = HeldEnrolment.objects.get()
    held_decisions.decide_held(
        held=held.pk, let_through=True, by=confirm, at=journey.clock.at, key=uuid4(), reason="Yes."
    )
    journey.as_(DOCTOR).go("/prescriber/")
    assert journey.page.locator(".worklist tbody tr").count() == 2


@pytest.mark.whole_run
def test_a_no_before_signing_is_kept_and_told(start_journey: StartJourney) -> None:
    journey = start_journey(INVITED)
    journey.as_(ANA).go(journey.posted.reads("patient-information", answers={"mood": "no"}))
    journey.sees("You can sign when every answer is yes.")
    assert journey.page.locator("input[name=signer_password]").count() == 0
    journey.go("/patient/sign/patient-information/")
    journey.page.click("main a.btn-primary")
    journey.sees("Your answers")
    journey.opens_patient()
    journey.sees("answered no to something")
    journey.posted.delivers()
    journey.forward(days=1)  # at the practice it is a line of the morning's digest
    assert "Somebody has a question before signing." in journey.captured_email(DOCTOR).body


@pytest.mark.whole_run
def test_without_javascript(start_journey: StartJourney) -> None:
    """Each sort of form: a registration, an enrolment, an account, a section, a signature, a month, a fill.

    The patient's month without a script: `test_patients_month.py`.
    """
    journey = start_journey(STAFFED)
    browser = journey.page.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        context.set_default_timeout(PATIENCE * 1000)
        journey.page = context.new_page()
        journey.registers("practice", "practice_name", "Second Practice", "second@example.org", 3)
        journey.enrols().accepts()
        journey.signs_in(ANA)
        journey.begins_to_read("/patient/sign/patient-information/")
        journey.go(journey.posted.reads("patient-information"))
        journey.signs_here("Ana Mora")
        journey.posted.signs("birth-defects")
        journey.posted.begins()
        journey.forward(days=31)
        journey.month()
        journey.posted.declares()
        journey.posted.answers()
        journey.fills(journey.number())
