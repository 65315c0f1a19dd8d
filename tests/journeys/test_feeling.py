"""The ninth question, and side effects, in the browser: what the patient reads, the mail, the worklist, the answer."""

import re
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import expect

from compliance import documents
from compliance.words.urgent import CRISIS
from tests import amount
from tests.accessible import is_narrow
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, DOCTOR
from tests.journeys.snapshots import READY

pytestmark = pytest.mark.browser


def in_turns(*languages: str) -> list[Any]:
    """Each journey in the first of them; in the other one too in a run of everything."""
    more = pytest.mark.skipif(not amount.EVERYTHING, reason="in the other language too: bin/test --all")
    return [languages[0], *(pytest.param(language, marks=more) for language in languages[1:])]


#: The patient's page, which may say from which list the reader came.
_PATIENT = re.compile(r"/prescriber/patients/[0-9a-f-]+/(\?.*)?$")


@pytest.fixture
def journey(request: pytest.FixtureRequest, start_journey: StartJourney) -> Journey:
    """A patient in the month, on a phone, in each language."""
    result = start_journey(READY)
    result.language = request.param
    result.page.set_viewport_size({"width": 390, "height": 844})
    return result


def answers(journey: Journey, *given: int) -> None:
    """Presses the answer to each question."""
    questions = documents.mood_questions(journey.language, version=1)
    for item, answer in enumerate(given, 1):
        expect(journey.page.locator("h1")).to_have_text(questions.item(item))
        is_narrow(journey.page)
        journey.looks()
        journey.page.locator(f'.option[value="{answer}"]').click()


@pytest.mark.whole_run
@pytest.mark.parametrize("journey", in_turns("en", "es"), indirect=True)
def test_ninth_question_shows_help_writes_to_the_practice_and_stands_first_in_its_list(journey: Journey) -> None:
    journey.as_(ANA).go("/patient/")
    journey.page.locator("#feeling > summary").click()
    journey.page.get_by_role("link", name=journey.said("Answer two questions"), exact=True).click()
    answers(journey, 2, 1, 0, 0, 0, 1, 0, 0, 1)
    journey.page.wait_for_url("**/patient/help/")
    journey.sees("You are not alone with this. Please talk with somebody now.")
    for line in CRISIS:
        with translation.override(journey.language):
            link = journey.page.locator(f'main a[href="{line.url}"]')
            expect(link).to_contain_text(str(line.label))
    is_narrow(journey.page)
    journey.sees("Who knows")
    # The mail, which says nothing of it.
    letter = journey.captured_email(DOCTOR)
    assert "urgent" in letter.subject.lower()
    assert not re.search(r"mood|harm|suicid|phq|ánimo|daño", f"{letter.subject} {letter.body}", re.IGNORECASE)
    journey.go("/patient/help/")
    expect(journey.page.locator("#told + ul")).to_contain_text("Robin Hale")
    # The worklist, the patient's page, and the call.
    journey.as_(DOCTOR).go("/prescriber/")
    row = journey.page.locator(".worklist tbody tr").first
    expect(row).to_contain_text(journey.said("call about a report"))
    row.get_by_role("link").first.click()
    journey.sees("Call the patient now")
    journey.sees("Thoughts of harm")
    journey.page.locator("main").get_by_role("link", name=journey.said("Enter that you called, or answer")).click()
    journey.page.check("input[name=talked]")
    journey.page.fill("textarea[name=words]", "16:00 OK")
    journey.send("Save the answer")
    journey.page.wait_for_url(_PATIENT)
    expect(journey.page.locator("main")).not_to_contain_text(journey.said("Call the patient now"))
    journey.as_(ANA).go("/patient/")
    journey.sees("Your practice answered")
    expect(journey.page.locator("main")).to_contain_text("16:00 OK")
    journey.captured_email(ANA)


@pytest.mark.parametrize("journey", in_turns("es", "en"), indirect=True)
def test_side_effects_say_at_once_what_to_do_and_are_answered(journey: Journey) -> None:
    table = documents.symptom_table(journey.language, version=1)
    journey.as_(ANA).go("/patient/urgent/")
    journey.page.get_by_role("link", name=journey.said("Side effects: what should I do?")).click()
    is_narrow(journey.page)
    journey.looks()
    groups = dict(table.groups)
    for code in ("dry-lips", "yellow"):
        symptom = table.symptoms[code]
        journey.page.locator("summary", has_text=groups[symptom.group]).click()
        journey.page.get_by_label(symptom.text, exact=True).check()
    journey.send("Tell me what to do")
    journey.page.wait_for_url("**/what-to-do/")
    titles = journey.page.locator("main section h2").all_inner_texts()
    assert titles[:2] == [table.advice[1].title, table.advice[2].title], "the most urgent first"
    is_narrow(journey.page)
    journey.looks()
    journey.as_(DOCTOR).opens_patient()
    expect(journey.page.locator("main")).to_contain_text(table.symptoms["yellow"].text)
    journey.sees("The patient was told:")
    journey.page.locator("main").get_by_role("link", name=journey.said("Enter that you called, or answer")).click()
    journey.page.fill("textarea[name=words]", "16:00 OK")
    journey.send("Save the answer")
    journey.page.wait_for_url(_PATIENT)
    journey.as_(ANA).go("/patient/side-effects/what-to-do/")
    journey.sees("Your practice answered")


@pytest.mark.whole_run
@pytest.mark.parametrize("journey", in_turns("en", "es"), indirect=True)
def test_one_question_back_takes_another_answer(journey: Journey) -> None:
    journey.as_(ANA).go("/patient/feeling/")
    answers(journey, 3)
    questions = documents.mood_questions(journey.language, version=1)
    expect(journey.page.locator("h1")).to_have_text(questions.item(2))
    journey.page.locator('a[href="?back=1"]').click()
    expect(journey.page.locator("h1")).to_have_text(questions.item(1))
    journey.page.locator('.option[value="0"]').click()
    expect(journey.page.locator("h1")).to_have_text(questions.item(2))
    journey.page.locator('.option[value="0"]').click()
    journey.page.wait_for_url("**/patient/")
    journey.sees("Thank you. Your practice sees your answers.")
