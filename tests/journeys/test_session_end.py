"""A page warns before its session ends; then nothing of it can be read; what was typed is there for its reader."""

import time

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from accounts import sessions
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, DOCTOR, OFFICE
from tests.journeys.snapshots import INVITED, STAFFED

pytestmark = [pytest.mark.browser, pytest.mark.own_context]


@pytest.fixture
def typing(start_journey: StartJourney) -> Journey:
    """A prescriber in the middle of a form, and a browser whose hours pass at will."""
    journey = start_journey(STAFFED).as_(DOCTOR)
    journey.page.clock.install()
    journey.go("/prescriber/enrol/")
    journey.page.fill("input[name=family_name]", "Mora")
    return journey


def backdrop(journey: Journey) -> str:
    script = "getComputedStyle(document.getElementById('session-end'), '::backdrop').backgroundColor"
    colour: str = journey.page.evaluate(script)
    return colour


def test_who_is_warned_stays_with_a_press(typing: Journey) -> None:
    dialog = typing.page.locator("#session-end")
    typing.page.clock.fast_forward("12:55")
    expect(dialog).to_be_hidden()
    typing.page.clock.fast_forward("00:10")
    expect(dialog.get_by_text("You will be signed out in two minutes")).to_be_visible()
    typing.page.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()
    assert typing.page.input_value("input[name=family_name]") == "Mora"


def over(journey: Journey) -> None:
    """A quarter of an hour has passed, on the page and on the server."""
    journey.page.clock.fast_forward("15:10")
    Session.objects.all().delete()
    expect(journey.page.locator("#session-end").get_by_text("You are signed out.")).to_be_visible()
    assert backdrop(journey).startswith("rgb(")  # and not rgba: nothing shines through


def test_who_comes_back_goes_on_with_what_was_typed(typing: Journey) -> None:
    over(typing)
    back, first = typing.page.context.new_page(), typing.page
    typing.page, typing.reader = back, ""
    typing.as_(DOCTOR)
    back.close()
    typing.page = first
    first.get_by_role("button", name="I have signed in: go on").click()
    expect(first.locator("#session-end")).to_be_hidden()
    assert first.input_value("input[name=family_name]") == "Mora"
    typing.send("Enrol the patient")
    typing.sees("Fix these")  # taken from the same form, with a token of the new session


def test_way_back_from_the_notice_has_the_passkey_in_focus(typing: Journey) -> None:
    over(typing)
    with typing.page.context.expect_page() as opened:
        typing.page.get_by_role("link", name="Sign in again").click()
    expect(opened.value.get_by_role("button", name="Sign in with a passkey")).to_be_focused()


def test_who_comes_instead_does_not_see_the_page(typing: Journey) -> None:
    over(typing)
    first, typing.page, typing.reader = typing.page, typing.page.context.new_page(), ""
    typing.as_(OFFICE)
    first.get_by_role("button", name="I have signed in: go on").click()
    first.wait_for_url("**/office/")
    assert first.locator("input[name=family_name]").count() == 0


def signed_in_since(journey: Journey, left: int) -> None:
    """So many seconds are left of the twelve hours of whoever is signed in."""
    cookie = next(row for row in journey.page.context.cookies() if row["name"] == "sessionid")
    session = SessionStore(cookie["value"])
    session["signed_in_at"] = int(time.time()) + left - sessions.ABSOLUTE_LIMIT
    session.save()


def nearly_twelve_hours(journey: Journey, left: str) -> None:
    """The warning, which nothing puts off; and the end."""
    dialog = journey.page.locator("#session-end")
    expect(dialog).to_be_hidden()
    journey.page.clock.fast_forward(left)
    expect(dialog.get_by_text("You signed in nearly twelve hours ago")).to_be_visible()
    expect(dialog.get_by_text("Are you still there?")).to_be_hidden()
    expect(dialog.get_by_role("button")).to_have_text(["Go on until then"])
    journey.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    journey.page.clock.fast_forward("02:00")
    Session.objects.all().delete()
    expect(dialog.get_by_text("You are signed out.")).to_be_visible()
    assert backdrop(journey).startswith("rgb(")


def test_twelve_hours_are_over_in_the_middle_of_work(typing: Journey) -> None:
    signed_in_since(typing, 600)
    typing.go("/prescriber/enrol/")
    typing.page.fill("input[name=family_name]", "Mora")
    nearly_twelve_hours(typing, "08:05")
    back, first = typing.page.context.new_page(), typing.page
    typing.page, typing.reader = back, ""
    typing.as_(DOCTOR)
    back.close()
    first.get_by_role("button", name="I have signed in: go on").click()
    expect(first.locator("#session-end")).to_be_hidden()
    assert first.input_value("input[name=family_name]") == "Mora"


def test_who_stays_is_told_how_long(typing: Journey) -> None:
    """Ten minutes of doing nothing are put off; the end of the twelve hours, which has come closer since, is not."""
    typing.page.clock.fast_forward("13:05")
    signed_in_since(typing, 300)
    typing.page.get_by_role("button", name="Stay signed in").click()
    nearly_twelve_hours(typing, "03:05")


def test_a_patient_is_warned_too(start_journey: StartJourney) -> None:
    journey = start_journey(INVITED).signs_in(ANA)
    journey.page.clock.install()
    journey.go("/account/password/change/")
    journey.page.fill("input[name=oldpassword]", "half of it")
    journey.page.clock.fast_forward("11:57:00")
    nearly_twelve_hours(journey, "01:05")
    assert journey.page.input_value("input[name=oldpassword]") == "half of it"
