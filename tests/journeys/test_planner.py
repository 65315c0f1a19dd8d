"""The planner is read and used on a telephone, without JavaScript, by the patient and by the practice."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from compliance.records.file import read_file
from ledger.clock import now
from patients.models import Patient
from tests import amount
from tests.accessible import Seen, faults
from tests.conftest import PATIENCE, RestoreSnapshot
from tests.journeys.sign_in import browse_as
from tests.journeys.test_pages_accessible import SEEDED

pytestmark = pytest.mark.browser


def of_the_demo(stage: str) -> Patient:
    """A patient of that stage, who can become pregnant."""
    patients = Patient.objects.select_related("user", "prescriber__user").order_by("pk")
    return next(
        one
        for one in patients.filter(status__stage=stage, user__isnull=False)
        if read_file(one.pk, now()).assess(now()).testing is not None
    )


def opened_by_patient(page: Page, live: str, stage: str) -> None:
    patient = of_the_demo(stage)
    assert patient.user is not None
    User.objects.filter(pk=patient.user.pk).update(language="en")  # whatever the demo's people speak
    patient.user.refresh_from_db()
    browse_as(page, live, patient.user)
    page.goto(f"{live}/patient/")


def opened_by_practice(page: Page, live: str, stage: str) -> None:
    patient = of_the_demo(stage)
    browse_as(page, live, patient.prescriber.user)
    page.goto(f"{live}/prescriber/patients/{patient.pk}/")


def unfolds_the_days(page: Page) -> None:
    """To the patient the planner is opened by a press, to the practice the list of its days."""
    folded = page.locator("details#planner:not([open]) > summary, section#planner details:not([open]) > summary")
    if folded.count():
        folded.click()


def chooses_another_day(page: Page) -> None:
    """The last of the days that are planned."""
    unfolds_the_days(page)
    choice = page.get_by_label("What would another day open?")
    choice.select_option(index=choice.locator("option").count() - 1)
    page.get_by_role("button", name="Show this day").click()
    page.wait_for_url("**/*day=42*")


#: Who opens the page, of a patient at which stage.
PAGES: dict[str, tuple[Callable[[Page, str, str], None], str]] = {
    "patient between fills": (opened_by_patient, "between-fills"),
    "patient in the lead-in": (opened_by_patient, "lead-in"),
    "practice, between fills": (opened_by_practice, "between-fills"),
    "practice, after a missed window": (opened_by_practice, "window-missed"),
}


#: Without `--all` one of the patient's and one of the practice's.
LOOKED_AT = [*PAGES][:: amount.share(1, 3)]


@pytest.mark.parametrize("who", LOOKED_AT)
def test_planner_is_fit_for_everybody(
    who: str, live: str, restored_snapshot: RestoreSnapshot, page: Page, seen: Seen
) -> None:
    restored_snapshot(SEEDED)
    page.set_viewport_size({"width": 390, "height": 844})
    opens, stage = PAGES[who]
    opens(page, live, stage)
    planner = page.locator("#planner")
    unfolds_the_days(page)
    planner.locator("a.planner__day").first.click()
    page.wait_for_url("**/*day=*")
    assert "A test on" in planner.inner_text()
    assert all(box["height"] >= 44 for link in planner.locator("a").all() if (box := link.bounding_box()) is not None)
    assert faults(page, seen) == []


@pytest.mark.whole_run
def test_without_javascript_every_day_can_be_chosen(live: str, restored_snapshot: RestoreSnapshot, page: Page) -> None:
    restored_snapshot(SEEDED)
    browser = page.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}) as context:
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        opened_by_patient(page, live, "between-fills")
        chooses_another_day(page)
        assert "A test on" in page.locator("#planner").inner_text()
        # One press books that day, and the planner says so.
        page.locator("#planner").get_by_role("button", name="Book a test for").click()
        expect(page.locator("main")).to_contain_text("Your test is booked for")
