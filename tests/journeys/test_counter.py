"""The counter in the browser: a scan, the keyboard alone, ten seconds to take back a slip, and no JavaScript."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, Route, expect

from accounts import sessions
from compliance.models import Authorization
from patients import numbers
from patients.models import Patient
from tests.accessible import Seen, faults
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import PHARMACIST
from tests.journeys.snapshots import READY

pytestmark = [pytest.mark.browser, pytest.mark.own_context]

NEXT, BACK = "[data-held-next]", "[data-held-back]"


@pytest.fixture
def counter(start_journey: StartJourney) -> Journey:
    journey = start_journey(READY)
    journey.as_(PHARMACIST).go("/counter/")
    return journey


def number() -> str:
    return Patient.objects.get().number


def state() -> str:
    return Authorization.objects.get().state


def scans(page: Page, text: str) -> None:
    """A scanner types what it reads into the field that has the focus, and Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def asks(page: Page) -> None:
    """By keyboard alone, from the page as it opens."""
    scans(page, number())
    page.keyboard.type("04022001")
    page.keyboard.press("Enter")
    page.wait_for_url("**/counter/answers/**")


def holds(page: Page) -> None:
    page.locator("[data-hold] [type=submit]").press("Enter")
    expect(page.locator(NEXT)).to_be_focused()


def test_scan_birth_date_and_enter_are_all_it_takes(counter: Journey) -> None:
    page = counter.page
    expect(page.locator("[name=number]")).to_be_focused()
    scans(page, f"https://clearfill.example/card/{number()}")
    expect(page.locator("[name=number]")).to_have_value(numbers.pretty(number()))
    expect(page.locator("[name=born_on]")).to_be_focused()
    page.keyboard.type("04022001")
    page.keyboard.press("Enter")
    expect(page.locator(".decision")).to_be_focused()
    expect(page.locator(".recipient")).to_contain_text(numbers.pretty(number()))


def test_mistyped_number_is_said_before_anything_is_sent(counter: Journey) -> None:
    page, wrong = counter.page, number()[:-1] + ("2" if number()[-1] != "2" else "3")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.keyboard.type(wrong)
    expect(page.get_by_role("alert")).to_contain_text("This number is mistyped")
    page.keyboard.press("Enter")
    expect(page.locator("[name=number]")).to_be_focused()
    page.locator("[name=born_on]").fill("04022001")
    page.locator("[name=born_on]").press("Enter")
    expect(page.locator("[name=number]")).to_be_focused()
    assert "POST" not in sent
    page.locator("[name=number]").fill(number())
    expect(page.get_by_role("alert")).to_be_hidden()


def test_check_character_of_the_page_is_that_of_the_server(counter: Journey) -> None:
    page, field = counter.page, counter.page.locator("[name=number]")
    for _ in range(20):
        right = numbers.new_number()
        for typed in (right, right[:-1] + numbers.ALPHABET[(numbers.ALPHABET.index(right[-1]) + 1) % 30]):
            field.fill(typed)
            assert (field.get_attribute("aria-invalid") == "true") is not numbers.is_valid(typed), typed
    assert page.url.endswith("/counter/")


def test_next_patient_records_at_once_and_says_so(counter: Journey, seen: Seen) -> None:
    asks(counter.page)
    holds(counter.page)
    assert state() == "open"
    assert not faults(counter.page, seen)
    counter.page.keyboard.press("Enter")
    counter.page.wait_for_url("**/counter/")
    expect(counter.page.locator(".messages")).to_contain_text(f"Recorded: handed over to {numbers.pretty(number())}")
    expect(counter.page.locator("[name=number]")).to_be_focused()
    assert state() == "dispensed"


def test_what_is_taken_back_is_never_sent(counter: Journey) -> None:
    page = counter.page
    page.clock.install()
    asks(page)
    holds(page)
    page.locator(BACK).press("Enter")
    expect(page.get_by_text("Taken back. Nothing is recorded.")).to_be_visible()
    expect(page.locator("[data-hold] [type=submit]")).to_be_focused()
    page.clock.run_for(15_000)
    assert state() == "open"


def test_after_ten_seconds_it_is_recorded_and_the_next_patient_has_the_focus(counter: Journey) -> None:
    page = counter.page
    page.clock.install()
    asks(page)
    holds(page)
    page.clock.run_for(9_500)
    assert state() == "open"
    page.clock.run_for(1_000)
    page.wait_for_url("**/counter/authorizations/**")
    expect(page.get_by_role("link", name="Next patient")).to_be_focused()
    assert state() == "dispensed"


def test_page_that_is_left_records_at_once(counter: Journey) -> None:
    asks(counter.page)
    holds(counter.page)
    counter.go("/counter/profile/")
    for _ in range(50):
        if state() == "dispensed":
            break
        counter.page.wait_for_timeout(100)
    assert state() == "dispensed"


def test_without_a_connection_it_says_that_nothing_is_recorded_and_the_same_key_goes_again(counter: Journey) -> None:
    page, keys = counter.page, []

    def lost(route: Route) -> None:
        keys.append(route.request.post_data or "")
        route.abort()

    asks(page)
    page.route("**/dispense/", lost)
    holds(page)
    page.locator(NEXT).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("It is not recorded yet")
    assert state() == "open"
    page.unroute("**/dispense/")
    with page.expect_request("**/dispense/") as again:
        holds(page)
        page.locator(NEXT).press("Enter")
    page.wait_for_url("**/counter/")
    assert state() == "dispensed"
    assert again.value.post_data == keys[0]


@pytest.fixture
def without_scripts(browser: Browser, counter: Journey) -> Iterator[Any]:
    """The same reader, in a browser that runs no script."""
    state = counter.page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    yield context.new_page()
    context.close()


@pytest.mark.whole_run
def test_without_javascript_the_button_records_at_once(without_scripts: Page, counter: Journey) -> None:
    page = without_scripts
    page.goto(counter.address + "/counter/")
    page.fill("[name=number]", number())
    page.fill("[name=born_on]", "04/02/2001")
    page.press("[name=born_on]", "Enter")
    page.wait_for_url("**/counter/answers/**")
    expect(page.locator("[data-held]")).to_be_hidden()
    expect(page.locator("main")).to_contain_text("A hand-over cannot be taken back")
    page.locator("[data-hold] [type=submit]").click()
    page.wait_for_url("**/counter/authorizations/**")
    expect(page.locator(".messages")).to_contain_text("Recorded: handed over to")
    assert state() == "dispensed"


def test_change_of_person_ends_the_session_and_offers_the_passkey_first(counter: Journey) -> None:
    page = counter.page
    page.get_by_role("button", name="Change person").click()
    page.wait_for_url("**/account/login/?next=/counter/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_focused()
    page.goto(counter.address + "/counter/")
    page.wait_for_url("**/account/login/**")


@pytest.mark.whole_run
def test_pause_at_the_counter_ends_with_the_passkey_in_focus(counter: Journey) -> None:
    """Whichever page is opened after a quarter of an hour without any."""
    page = counter.page
    for path in ("/counter/", "/counter/authorizations/"):
        cookie = next(row for row in page.context.cookies() if row["name"] == "sessionid")
        session = SessionStore(cookie["value"])
        session["seen_at"] = int(time.time()) - sessions.IDLE_LIMIT
        session.save()
        page.goto(counter.address + path)
        page.wait_for_url("**/account/login/?again=1")
        expect(page.locator(".messages")).to_contain_text("nothing happened for a while")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_focused()
        # What is opened without a session asks for it in the same way.
        page.goto(counter.address + path)
        page.wait_for_url(f"**/account/login/?next={path}")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_focused()
        counter.reader = ""
        counter.as_(PHARMACIST).go("/counter/")
