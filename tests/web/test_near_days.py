"""How far a day is from today stands beside it on the pages of patients, guardians and prescribers; what is not for
now is opened by a press."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from tests import factories
from tests.clocks import Clock
from tests.histories import ClinicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(clock: Clock) -> ClinicFactory:
    """Its patients are ready: the window closes on December 19."""
    clock.set("2026-12-15T11:00-05:00")
    return ClinicFactory()


def page_of(user: User | None, path: str) -> str:
    assert user is not None
    client = Client()
    factories.sign_in(client, user)
    return client.get(path).content.decode()


def words(user: User | None, path: str) -> str:
    text = re.sub(r"<[^>]+>", "", page_of(user, path))
    return " ".join(unescape(text).split())


#: When, and what stands before the last day of the window.
SHOWN = [("2026-12-15T11:00-05:00", "in 4 days, "), ("2026-12-18T23:59-05:00", "tomorrow, "),
         ("2026-12-19T00:00-05:00", "today, ")]  # fmt: skip


@pytest.mark.parametrize(("now", "away"), SHOWN)
def test_last_day_to_pick_up_says_how_far_it_is(clinic: ClinicFactory, clock: Clock, now: str, away: str) -> None:
    patient = clinic.ready()
    clock.set(now)
    assert f"You have until {away}the end of Sat, Dec 19, 2026" in words(patient.user, "/patient/")
    practice = words(clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/")
    assert f"Window closes at the end of {away}Sat, Dec 19, 2026" in practice


def test_guardians_dates_say_how_far_they_are(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready(date(2009, 1, 10))
    guardian = factories.guardian(patient).user
    assert "in 26 days, Sun, Jan 10, 2027" in words(guardian, "/guardian/")


def test_list_of_the_planner_is_folded_until_a_day_is_chosen(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    decision = clinic.authorize(patient)
    assert decision.number is not None
    assert clinic.dispense(patient, decision.number) is None
    clock.set("2026-12-20T11:00-05:00")
    for reader, path, folded in (
        (patient.user, "/patient/", '<details class="panel--folded" id="planner"'),
        (clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/", '<details class="fold"'),
    ):
        page = page_of(reader, path)
        assert "We suggest" in page[page.index('id="planner"') :]
        assert f"{folded}>" in page
        assert f"{folded} open>" in page_of(reader, f"{path}?day=20"), "whoever chose a day goes on choosing"
