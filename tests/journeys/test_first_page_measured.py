"""A patient's first page on a phone: what to do, until when and whom to call at once, and two screens at most."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Page

from accounts.models import User
from accounts.roles import OFFICER
from compliance.commands import certifying
from ledger.actor import Actor
from ledger.clock import now
from ledger.erasable_text import make_erasable
from ledger.models import LogRecord
from patients.models import Patient
from tests import amount, factories
from tests.conftest import RestoreSnapshot
from tests.journeys.sign_in import browse_as
from tests.journeys.test_pages_accessible import SEEDED

pytestmark = pytest.mark.browser

#: Of a phone of 390 by 844: two screens, and a little more. Spanish has longer words.
SCREEN, HIGHEST = 844, {"en": 1850, "es": 1900}

#: Where something has happened that day, what to do and who knows of it stand there too: a screen more at most.
EXCEPTIONS = {"stopped", "something was reported", "a pregnancy was reported", "the prescriber cannot act"}


def _as_it_is(_patient: Patient) -> None:
    """The story says it all."""


def _reports(address: str) -> Callable[[Patient], None]:
    """Reported by the patient on the page for when something is wrong."""

    def report(patient: Patient) -> None:
        assert patient.user is not None
        client = Client()
        factories.sign_in(client, patient.user)
        assert client.post(f"/patient/{address}/", {"key": str(uuid4())}).status_code == 302

    return report


def _loses_the_prescriber(patient: Patient) -> None:
    """The prescriber cannot act in the program any more, and nobody stands in."""
    officer = Actor(User.objects.get(email="officer@demo.invalid").pk, OFFICER)
    at, subject = now(), patient.prescriber_id
    reason = make_erasable("late", subject=subject, at=at)
    certifying.suspend(kind="prescriber", subject=subject, reason=reason, by=officer, at=at, key=uuid4())


#: A stage of the demo's patients, of those with tests or without, and what happens before the page is opened.
STATES: dict[str, tuple[str, bool, Callable[[Patient], None]]] = {
    "nothing is signed yet": ("consent", True, _as_it_is),
    "in the lead-in": ("lead-in", True, _as_it_is),
    "the second test is due": ("second-test", True, _as_it_is),
    "the month is open": ("month", True, _as_it_is),
    "ready": ("ready", True, _as_it_is),
    "authorized": ("authorized", True, _as_it_is),
    "between fills": ("between-fills", True, _as_it_is),
    "the window is missed": ("window-missed", True, _as_it_is),
    "stopped": ("stopped", True, _as_it_is),
    "after treatment": ("followed-up", True, _as_it_is),
    "closed": ("closed", True, _as_it_is),
    "without tests, a visit to come": ("month", False, _as_it_is),
    "without tests, ready": ("ready", False, _as_it_is),
    "something was reported": ("between-fills", True, _reports("urgent/failed")),
    "a pregnancy was reported": ("month", True, _reports("pregnant")),
    "the prescriber cannot act": ("month", True, _loses_the_prescriber),
}

#: What has to be on the first screen, by the bottom of each: the headline, the last day, the act, the telephone.
_BOTTOMS = """() => Object.fromEntries(
    ["main h1", ".status__until", ".status__actions", ".status__facts a[href^='tel:']"]
        .map(name => [name, document.querySelector(name)])
        .filter(([, part]) => part)
        .map(([name, part]) => [name, Math.round(part.getBoundingClientRect().bottom)]))"""


def found(stage: str, *, tested: bool) -> Patient:
    """A patient of the demo at that stage, who has an account."""
    category = "can_become_pregnant" if tested else "cannot_become_pregnant"
    rows = Patient.objects.filter(status__stage=stage, status__category__in=[category, ""], user__isnull=False)
    # What a practice answered to a report stands on the page for some days.
    reported = set(LogRecord.objects.filter(kind="side_effect_reported").values_list("subject", flat=True))
    return min(rows.select_related("user"), key=lambda row: (row.pk in reported, row.number))


@pytest.mark.parametrize("language", [*HIGHEST][: amount.share(2, 1)])
def test_first_page_is_short_and_says_first_what_to_do_until_when_and_whom_to_call(
    live: str, restored_snapshot: RestoreSnapshot, page: Page, language: str
) -> None:
    restored_snapshot(SEEDED)
    page.set_viewport_size({"width": 390, "height": SCREEN})
    User.objects.update(language=language)
    high: dict[str, int] = {}
    low: dict[str, int] = {}
    for state, (stage, tested, happens) in STATES.items():
        patient = found(stage, tested=tested)
        happens(patient)
        assert patient.user is not None
        patient.user.refresh_from_db()
        browse_as(page, live, patient.user)
        page.goto(f"{live}/patient/")
        page.evaluate("document.fonts.ready.then(() => true)")
        high[state] = page.evaluate("document.documentElement.scrollHeight")
        bottoms = page.evaluate(_BOTTOMS)
        assert "main h1" in bottoms
        low |= {f"{state}: {part}": bottom for part, bottom in bottoms.items() if bottom > SCREEN}
    most = {state: HIGHEST[language] + SCREEN * (state in EXCEPTIONS) for state in STATES}
    assert {state: pixels for state, pixels in high.items() if pixels > most[state]} == {}, high
    assert low == {}, "below the first screen"
