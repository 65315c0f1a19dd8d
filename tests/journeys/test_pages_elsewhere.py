"""Pages that name days, to a reader for whom it is another day: fit for everybody, nothing wider than the screen."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Page

from patients.models import Patient
from tests.accessible import Seen, faults
from tests.conftest import RestoreSnapshot
from tests.journeys.sign_in import browse_as
from tests.journeys.test_pages_accessible import SEEDED

pytestmark = pytest.mark.browser

#: Where it is 2 December already when the demo's clock says 1 December, nine in the morning.
ELSEWHERE = "Pacific/Kiritimati"

PAGES = {
    "okafor": ["/prescriber/", "/prescriber/practice/", "a patient"],
    "patient-month": ["/patient/", "/patient/record/"],
    "tanaka": ["a yes", "/counter/", "/counter/authorizations/", "an authorization", "/counter/profile/"],
    "officer": ["/office/overdue/", "/office/certifications/", "/office/late/"],
}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A browser that tells the zone of a reader elsewhere."""
    return {**browser_context_args, "timezone_id": ELSEWHERE}


@pytest.mark.whole_run
def test_pages_with_last_days_are_fit_for_everybody_elsewhere(
    live: str, restored_snapshot: RestoreSnapshot, page: Page, seen: Seen
) -> None:
    restored_snapshot(SEEDED)
    found: list[str] = []
    for who, paths in PAGES.items():
        client = browse_as(page, live, who)
        page.goto(f"{live}/documents/")  # on which the browser tells its zone
        for path in paths:
            _open(page, live, path, client)
            found += [f"{who} {path} {fault}" for fault in faults(page, seen)]
            if "In New York it is still Tue, Dec 1, 2026." not in page.inner_text("main"):
                found.append(f"{who} {path} does not say which day today is")
    assert found == []


def _open(page: Page, live: str, path: str, client: Client) -> None:
    if path == "a patient":
        page.goto(f"{live}/prescriber/?stage=month")
        page.click(".worklist tbody a >> nth=0")
    elif path == "an authorization":
        page.goto(f"{live}/counter/authorizations/")
        page.click(".worklist tbody a >> nth=0")
    elif path == "a yes":
        patient = Patient.objects.filter(status__stage="ready").first()
        assert patient is not None
        asked = {"number": patient.number, "born_on": patient.born_on.isoformat(), "days_supply": "30"}
        answer = client.post("/counter/", asked | {"key": str(uuid4())})
        page.goto(live + answer["Location"])
    else:
        page.goto(live + path)
    page.wait_for_load_state()
