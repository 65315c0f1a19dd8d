"""A patient whose prescriber has left asks for another one on a telephone, and that one takes her over."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from compliance.commands import people
from compliance.commands.certifying import certification_record
from compliance.records.programs import DEFAULT
from ledger import log
from ledger.actor import SYSTEM
from patients.models import Prescriber
from patients.people import actor_of
from tests import factories
from tests.accessible import is_narrow
from tests.journeys.journey import Journey, StartJourney
from tests.journeys.posted import ANA, DOCTOR, OFFICE
from tests.journeys.snapshots import READY

pytestmark = pytest.mark.browser

PHONE, DESK = 390, 1280


def another(journey: Journey) -> Prescriber:
    """A second practice, certified."""
    row = factories.prescriber()
    User.objects.filter(pk=row.user_id).update(name="Noor Haddad")
    Prescriber.objects.filter(pk=row.pk).update(
        practice_name="Elm Street Skin Clinic", address="7 Elm Street, Springfield", phone="+12125550107"
    )
    span = certification_record(date(2020, 1, 1), date(2035, 1, 1), DEFAULT.code)
    at = journey.clock() - timedelta(days=900)
    log.append("prescriber", row.pk, [span], head=log.EMPTY, by=SYSTEM, at=at, request_id=uuid4())
    row.refresh_from_db()
    return row


def closes(journey: Journey) -> None:
    """The office closes the account of the prescriber, who has left."""
    officer = actor_of(User.objects.get(email=OFFICE))
    people.deactivate(account=User.objects.get(email=DOCTOR), by=officer, at=journey.clock(), key=uuid4())


def is_as_wide_as_the_screen(journey: Journey) -> None:
    width = journey.page.viewport_size
    assert width is not None
    is_narrow(journey.page, width["width"])


def asks(journey: Journey) -> None:
    """From the first page to the request."""
    journey.as_(ANA).go("/patient/")
    journey.sees("Your prescriber cannot act in the program now")
    journey.sees_not("call your prescriber")
    is_as_wide_as_the_screen(journey)
    journey.page.get_by_role("link", name="Ask for another prescriber").first.click()
    journey.page.get_by_role("link", name="Find another prescriber").click()
    journey.page.fill("input[name=sought]", "springfield")
    journey.send("Search")
    journey.sees("Elm Street Skin Clinic")
    is_as_wide_as_the_screen(journey)
    journey.page.get_by_role("link", name="Ask Noor Haddad").click()
    journey.sees("sees your name, date of birth and number")
    is_as_wide_as_the_screen(journey)
    journey.send("Ask this prescriber")
    journey.sees("You asked for another prescriber")
    is_as_wide_as_the_screen(journey)


@pytest.mark.whole_run
def test_a_patient_asks_for_another_prescriber_who_accepts(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    other = another(journey)
    closes(journey)
    asks(journey)
    journey.as_(other.user.email).go("/prescriber/offers/")
    journey.sees("The patient asks for you.")
    journey.send("Accept")
    journey.sees("The patient is yours now.")
    assert "moved" in journey.captured_email(ANA).subject
    journey.as_(ANA).go("/patient/prescriber/")
    journey.sees("Elm Street Skin Clinic")
    # The days to pick up have stayed.
    journey.go("/patient/")
    journey.sees("Pick up your medicine")


@pytest.mark.whole_run
def test_the_office_hands_over_at_a_desk(start_journey: StartJourney) -> None:
    journey = start_journey(READY)
    other = another(journey)
    closes(journey)
    journey.page.set_viewport_size({"width": DESK, "height": 900})
    journey.as_(OFFICE).go("/office/")
    journey.page.get_by_role("link", name="Patients whose prescriber cannot act").click()
    journey.page.locator(".worklist tbody a").first.click()
    journey.page.fill("input[name=npi]", other.npi)
    journey.choose("whom", "all")
    journey.send("Ask this prescriber")
    journey.sees("1 patient is offered.")
    journey.sees("offered to Elm Street Skin Clinic")
    is_as_wide_as_the_screen(journey)
