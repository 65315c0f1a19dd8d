"""A patient's part of the month on a phone: ten presses at most and one typed field, also without a script."""

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import User
from compliance import documents
from tests import factories
from tests.accessible import Seen, faults, is_narrow
from tests.histories import METHODS
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, PASSWORD
from tests.journeys.snapshots import BEGUN, READY

pytestmark = pytest.mark.browser


class Hand:
    """What a patient does with a phone, counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self.typed = 0

    def tap(self, target: Locator) -> None:
        target.click()
        self.taps += 1

    def button(self, name: str) -> Locator:
        return self.page.locator("main").get_by_role("button", name=name, exact=True)

    def types(self, name: str, text: str) -> None:
        """A tap into the field, and what is typed there."""
        self.tap(self.page.locator(f"input[name={name}]"))
        self.page.locator(f"input[name={name}]").fill(text)
        self.typed += 1

    def answers(self, journey: Journey) -> None:
        bank = documents.questions(version=documents.version_on("questions", journey.clock.at.date()))
        for place in range(1, 6):
            asked = journey.said("Question %(place)s of %(count)s") % {"place": place, "count": 5}
            expect(self.page.locator(".eyebrow")).to_have_text(asked)
            is_narrow(self.page)
            name = self.page.locator(".option").first.get_attribute("name")
            (right,) = [question.right for question in bank if question.id == name]
            self.tap(self.page.locator(f'.option[value="{right}"]'))
        expect(self.page.locator("main")).to_contain_text(journey.said("All five are right. Thank you."))

    def does_the_month(self, journey: Journey, *, anew: bool = False) -> None:
        """From the card to the end."""
        self.tap(self.page.get_by_role("link", name=journey.said("Begin"), exact=True))
        self.answers(journey)
        if anew:
            for method in METHODS:
                self.tap(self.page.locator(f"input[name=methods][value={method}]"))
        self.types("signer_password", PASSWORD)
        self.tap(self.button(journey.said("All of this is true: sign")))
        self.page.wait_for_url("**/patient/")
        expect(self.page.locator("h1")).to_have_text(journey.said("Pick up your medicine"))
        assert self.typed == 1
        assert self.taps <= 10, self.taps


def second_month(start_journey: StartJourney) -> Journey:
    """The first was picked up; the practice has done its part of the second."""
    journey = start_journey(READY)
    journey.posted.fills()
    journey.forward(days=29)
    journey.posted.month()
    return journey


@pytest.mark.whole_run
def test_month_as_before_takes_eight_presses_and_a_password_and_its_medication_guide_one_more(
    start_journey: StartJourney,
) -> None:
    journey = second_month(start_journey)
    journey.as_(ANA).go("/patient/")
    hand = Hand(journey.page)
    hand.does_the_month(journey)
    assert hand.taps == 8
    hand.tap(hand.button("Open the Medication Guide"))
    expect(journey.page.locator("h1")).to_have_text("Medication Guide")
    assert hand.taps == 9


@pytest.mark.whole_run
def test_first_month_takes_ten_presses_at_most(start_journey: StartJourney) -> None:
    journey = start_journey(BEGUN)
    journey.forward(days=31)
    journey.posted.month()
    journey.as_(ANA).go("/patient/")
    Hand(journey.page).does_the_month(journey, anew=True)


def test_month_is_done_without_javascript(start_journey: StartJourney, browser: Browser) -> None:
    journey = second_month(start_journey)
    client = Client()
    factories.sign_in(client, User.objects.get(email=ANA))
    with browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}) as context:
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": journey.address}])
        page = context.new_page()
        page.goto(f"{journey.address}/patient/")
        Hand(page).does_the_month(journey)


def test_back_during_the_questions_leads_on_again(start_journey: StartJourney, seen: Seen) -> None:
    journey = second_month(start_journey)
    journey.as_(ANA).go("/patient/questions/")
    page, first = journey.page, journey.asked()
    journey.chooses(first, (first.right + 1) % 3)
    journey.sees(first.explanation)
    assert faults(page, seen) == []
    journey.chooses(first, first.right)
    expect(page.locator(".eyebrow")).to_have_text("Question 2 of 5")
    page.go_back()
    again = journey.asked()
    journey.chooses(again, again.right)
    page.goto(f"{journey.address}/patient/questions/")
    expect(page.locator(".eyebrow")).not_to_have_text("Question 1 of 5")
