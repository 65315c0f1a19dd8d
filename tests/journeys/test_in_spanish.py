"""Journeys and pages in Spanish, at a phone's width: no English of the catalog, and nothing wider than the screen."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import amount
from tests.conftest import RestoreSnapshot
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, DOCTOR, PHARMACIST
from tests.journeys.sign_in import browse_as
from tests.journeys.snapshots import EMPTY, READY
from tests.journeys.test_pages_accessible import PAGES, SEEDED, open_page
from tests.spanish import english_in, names_in_the_data

pytestmark = pytest.mark.browser

WIDTHS = (390, 320)


def in_spanish(journey: Journey) -> Journey:
    """By the link in the header, as whoever comes to the sign-in page does."""
    journey.go("/account/login/")
    journey.page.get_by_role("link", name="Español").click()
    expect(journey.page.locator("html")).to_have_attribute("lang", "es")
    journey.language = "es"
    journey.looks()
    return journey


def test_month_in_spanish_from_the_test_to_the_counter(start_journey: StartJourney) -> None:
    journey = in_spanish(start_journey(READY))
    journey.signs_in(ANA)
    number = journey.reads_number()
    journey.go("/patient/record/")
    journey.posted.fills()
    journey.forward(days=29)
    journey.month()
    journey.declares()
    journey.as_(ANA).go("/patient/questions/")
    first = journey.asked()
    journey.chooses(first, (first.right + 1) % len(first.choices))
    journey.sees(first.explanation)
    journey.posted.answers()
    journey.as_(DOCTOR).opens_patient()
    journey.looks()
    journey.fills(number)
    journey.as_(PHARMACIST).go("/counter/authorizations/")


def test_switch_of_who_is_signed_in_is_kept_with_the_account(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    journey.signs_in(ANA)
    journey.page.get_by_role("button", name="Español").click()
    expect(journey.page.locator("html")).to_have_attribute("lang", "es")
    assert User.objects.get(email=ANA).language == "es"
    journey.as_(DOCTOR).as_(ANA).language = "es"
    journey.go("/patient/")


@pytest.mark.skipif(not amount.EVERYTHING, reason="the whole way in Spanish: bin/test --all")
def test_from_enrolment_to_the_first_fill_in_spanish(start_journey: StartJourney) -> None:
    journey = start_journey(EMPTY)
    journey.language = "es"
    journey.staffs()
    journey.enrols().accepts()
    journey.signs("patient-information")
    journey.signs("birth-defects")
    journey.begins()
    journey.forward(days=31)
    journey.month()
    journey.declares()
    journey.answers()
    journey.fills(journey.number())


@pytest.mark.skipif(not amount.EVERYTHING, reason="half of them: test_pages_accessible.py; all with bin/test --all")
def test_pages_in_spanish_are_no_wider_than_a_phone(live: str, restored_snapshot: RestoreSnapshot, page: Page) -> None:
    restored_snapshot(SEEDED)
    User.objects.update(language="es")
    names = names_in_the_data()
    found: list[str] = []
    for who, paths in PAGES.items():
        browse_as(page, live, who)
        for path in paths:
            open_page(page, live, path)
            found += [f"{who} {path}: {english}" for english in english_in(page.content(), names)]
            # From the width at which the page was opened: to turn is dear.
            for width in WIDTHS[:: -1 if page.viewport_size == {"width": WIDTHS[-1], "height": 844} else 1]:
                page.set_viewport_size({"width": width, "height": 844})
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append(f"{who} {path}: wider than {width}")
    assert not found, "\n".join(found)
