"""A form sent again tells what was recorded; what has changed since is not told as if it still held."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from compliance.commands import certifying, held_decisions, people, transfers
from compliance.commands.entries import enter
from compliance.rules.records import TransferOffered
from patients.models import HeldEnrolment
from tests.clocks import Clock
from tests.conftest import RestoreSnapshot
from tests.factories import as_
from tests.security.fixtures import SITE, SiteFixture
from tests.security.twice import TWICE


@pytest.fixture
def _site(shared_snapshot: RestoreSnapshot, clock: Clock) -> SiteFixture:
    site: SiteFixture = shared_snapshot(SITE)
    clock.set("2026-12-15T11:00-05:00")
    return site


@pytest.fixture
def site(_site: SiteFixture, db: None) -> SiteFixture:
    """Everybody and everything once; what a test does with it is rolled back."""
    return _site


def reopened(site: SiteFixture) -> None:
    user = site.readers["prescriber"]
    people.reactivate(account=user, by=site.actor("officer"), at=site.at, key=uuid4())


def closed(site: SiteFixture) -> None:
    people.deactivate(account=site.closed, by=site.actor("officer"), at=site.at, key=uuid4())


def reinstated(site: SiteFixture) -> None:
    certifying.reinstate(
        kind="prescriber", subject=site.prescriber.pk, by=site.actor("officer"), at=site.at, key=uuid4()
    )


def handed_on(site: SiteFixture) -> None:
    """Back to whom the patient was with."""
    theirs, key = site.actor("other prescriber"), uuid4()
    enter(patient=site.offered.pk, records=[TransferOffered(str(site.prescriber.pk))], by=theirs, at=site.at, key=key)
    transfers.accept(patient=site.offered.pk, by=site.actor("prescriber"), at=site.at, key=uuid4())


#: What is done, what changes it, the words that hold only before, and what is told after.
CASES: dict[str, tuple[str, Callable[[SiteFixture], Any], str, str]] = {
    "an account is opened again": ("close an account", reopened, "is closed.", "opened again since"),
    "an account is closed again": ("open an account again", closed, "is open again.", "closed since"),
    "a suspension ends": ("suspend", reinstated, "from now on", "The suspension is recorded"),
    "a patient goes on": ("accept an offer", handed_on, "yours now", "another prescriber since"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_form_sent_again_claims_nothing_that_has_changed(site: SiteFixture, name: str) -> None:
    form_name, change, before, after = CASES[name]
    case = TWICE[form_name]
    client = as_(site.readers[case.reader])
    form = dict(case.form(site)) | {"key": str(uuid4())}
    assert client.post(case.path(site), form).status_code == 302
    client.get("/documents/")  # what was told is read
    change(site)
    again = client.post(case.path(site), form, follow=True).content.decode()
    assert before not in again
    assert after in again


def test_an_enrolment_sent_again_after_the_office_decided_waits_no_longer(site: SiteFixture) -> None:
    client = as_(site.readers["prescriber"])
    case = HeldEnrolment.objects.get(pk=site.held.pk)
    form = {
        "given_name": case.data["given_name"], "family_name": case.data["family_name"], "born_on": "02/03/2011",
        "email": "minor1@example.org", "phone": case.data["phone"], "category": "can_become_pregnant",
        "guardian_name": "Paula1", "guardian_email": "guardian1@example.org", "key": str(uuid4()),
        "somebody_else": "on",
    }  # fmt: skip
    first = client.post("/prescriber/enrol/", form, follow=True).content.decode()
    assert "reviews this enrolment first" in first
    held = HeldEnrolment.objects.order_by("-created_at", "-id").exclude(pk=site.held.pk).get()
    held_decisions.decide_held(held=held.pk, let_through=False, by=site.actor("officer"), at=site.at, key=uuid4())
    again = client.post("/prescriber/enrol/", form, follow=True).content.decode()
    assert "reviews this enrolment first" not in again
    assert "has decided about this enrolment" in again
