"""What an entry opens is read before it is signed, on a telephone and without JavaScript."""

import pytest

from tests.accessible import is_narrow
from tests.conftest import PATIENCE
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import DOCTOR
from tests.journeys.snapshots import BEGUN

pytestmark = pytest.mark.browser


def types_a_month(journey: Journey, *, menses: str) -> None:
    journey.enters("month")
    journey.page.fill("input[name=collected_on]", journey.today)
    journey.page.select_option("select[name=result]", "negative")
    journey.page.select_option("select[name=setting]", "laboratory")
    if menses:
        journey.choose("menses", menses)
    assert not journey.page.locator("input[name=signer_password]").is_visible(), "the signature comes afterwards"
    journey.send("See what this opens")


def steps(journey: Journey) -> None:
    """A second test whose menses timing is left out, then not known, then known."""
    journey.forward(days=31)
    types_a_month(journey, menses="")
    journey.sees("Choose one: it decides whether this test opens a window.")
    journey.choose("menses", "not_known")
    journey.send("See what this opens")
    journey.sees("It opens nothing.")
    journey.sees("A test counts when that is known")
    assert journey.page.get_by_role("button", name="Enter it all the same").is_visible()
    is_narrow(journey.page)
    journey.choose("menses", "first_five_days")
    journey.attests()
    journey.send("Enter it all the same")
    journey.sees("It opens a window: pick-up is possible until")
    journey.attests()
    journey.send("Confirm the month")
    journey.sees("The month is confirmed. It opens a window: pick-up is possible until")


@pytest.mark.whole_run
def test_the_second_test_says_what_it_opens_before_the_signature(start_journey: StartJourney) -> None:
    steps(start_journey(BEGUN))


@pytest.mark.whole_run
def test_without_javascript_it_says_the_same(start_journey: StartJourney) -> None:
    journey = start_journey(BEGUN)
    browser = journey.page.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}) as context:
        context.set_default_timeout(PATIENCE * 1000)
        journey.page = context.new_page()
        journey.forward(days=31)
        types_a_month(journey, menses="first_five_days")
        journey.sees("It opens a window: pick-up is possible until")
        journey.attests()
        journey.send("Confirm the month")
        journey.sees("The month is confirmed. It opens a window")


@pytest.mark.whole_run
def test_a_day_of_last_year_is_asked_about_and_what_opens_nothing_is_entered_all_the_same(
    start_journey: StartJourney,
) -> None:
    journey = start_journey(BEGUN)
    journey.forward(days=90)
    journey.as_(DOCTOR).enters("test")
    journey.page.fill("input[name=collected_on]", "2026-12-03")
    journey.choose("result", "negative")
    journey.choose("setting", "home")
    journey.choose("menses", "not_known")
    journey.send("Save the test")
    journey.sees("days ago. Right?")
    journey.sees("It opens nothing.")
    journey.page.get_by_label("is right").check()
    journey.send("Enter it all the same")
    journey.sees("Saved. Pregnancy test: It opens nothing.")
    assert journey.page.locator(".messages .notice--act").count() == 1
    assert journey.page.locator(".messages .notice--yes").count() == 0
