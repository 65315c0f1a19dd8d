"""Applications before the office: oldest first, with what the registers say, and the steps to decide."""

from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import PRESCRIBER
from compliance.commands import certifying, register_checks
from compliance.commands.decide import NotPermitted
from compliance.verification import practices, written
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from ledger.log import NewRecord
from patients.models import Prescriber
from patients.people import actor_of
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return factories.officer()


@pytest.fixture
def office(officer: User) -> Client:
    return factories.as_(officer)


def applied(days_ago: int, name: str) -> Prescriber:
    row = factories.prescriber(state="applied")
    Prescriber.objects.filter(pk=row.pk).update(practice_name=name)
    by = Actor(row.user_id, PRESCRIBER, row.pk)
    at = NOW - timedelta(days=days_ago)
    log.append("prescriber", row.pk, [NewRecord("applied", {})], head=log.EMPTY, by=by, at=at, request_id=uuid4())
    return row


def page(client: Client, path: str) -> str:
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def path_of(row: Prescriber, more: str = "") -> str:
    return f"/office/certifications/prescriber/{row.pk}/{more}"


def look_up(client: Client, row: Prescriber, **form: str) -> Any:
    values = {"register": "nppes", "looked_up": row.npi, "result": "agrees", "found": "", **form}
    return client.post(path_of(row, "register/"), {"key": str(uuid4()), **values})


def test_who_waits_longest_stands_first(office: Client, clock: Clock) -> None:
    clock.at = NOW
    applied(3, "Middle")
    applied(1, "Youngest")
    applied(30, "Oldest")
    factories.prescriber()
    shown = page(office, "/office/applications/")
    assert shown.index("Oldest") < shown.index("Middle") < shown.index("Youngest")
    assert "30 days" in shown and "1 day<" in shown
    assert "Nobody waits" in page(office, "/office/applications/?kind=pharmacy")


def test_a_look_up_is_recorded_and_stands_beside_the_application(office: Client, officer: User, clock: Clock) -> None:
    clock.at = NOW
    row = applied(2, "Skin")
    assert "Nothing was looked up yet." in page(office, path_of(row))
    answer = look_up(office, row, result="differs", found="Another address: 9 Elm Street")
    assert answer.status_code == 302
    shown = page(office, path_of(row))
    assert "Another address: 9 Elm Street" in shown and "Differs" in shown and officer.name in shown
    record = log.read(row.pk)[-1]
    assert (record.kind, record.data["register"], record.data["result"]) == ("register_checked", "nppes", "differs")
    assert "Elm" not in str(record.data) and row.npi not in str(record.data)
    assert Prescriber.objects.get(pk=row.pk).state == "applied", "a look-up decides nothing"
    assert "Differs" in page(office, "/office/applications/")


def test_what_differs_is_said_and_nothing_typed_is_lost(office: Client) -> None:
    row = applied(2, "Skin")
    answer = look_up(office, row, result="differs", looked_up="TX-12345")
    assert answer.status_code == 422
    assert "Say what stands there." in answer.content.decode() and "TX-12345" in answer.content.decode()
    assert [one.kind for one in log.read(row.pk)] == ["applied"]


def test_a_practice_is_not_looked_for_among_pharmacies(office: Client) -> None:
    answer = look_up(office, applied(2, "Skin"), register="ncpdp")
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"register"})


def test_look_ups_go_with_the_steps_of_a_log_and_are_written_by_an_officer_alone(officer: User) -> None:
    row = applied(2, "Skin")
    texts = {"looked_up": row.npi, "found": ""}
    given: dict[str, Any] = {
        "kind": "prescriber", "subject": row.pk, "register": "nppes", "result": "agrees", "texts": texts, "at": NOW,
    }  # fmt: skip
    with pytest.raises(NotPermitted):
        register_checks.note_check(**given, by=Actor(row.user_id, PRESCRIBER, row.pk), key=uuid4())
    with pytest.raises(ValueError, match="not a look-up"):
        register_checks.note_check(**{**given, "result": "perhaps"}, by=actor_of(officer), key=uuid4())
    register_checks.note_check(**given, by=actor_of(officer), key=uuid4())
    certifying.approve(kind="prescriber", subject=row.pk, by=actor_of(officer), at=NOW, key=uuid4())
    rows = log.read(row.pk)
    assert [one.kind for one in rows] == ["applied", "register_checked", "approved", "certified"]
    assert list(practices.problems("prescriber", rows)) == []
    assert [one for one in written.problems() if one.subject == row.pk and one.number == 2] == []


def test_the_page_of_a_place_says_what_happened_and_why(clinic: ClinicFactory, office: Client, officer: User) -> None:
    certifying.suspend(
        kind="pharmacy", subject=clinic.pharmacies[0].pk, reason=make_erasable("Never reversed anything"),
        by=actor_of(officer), at=NOW, key=uuid4(),
    )  # fmt: skip
    shown = page(office, f"/office/certifications/pharmacy/{clinic.pharmacies[0].pk}/")
    assert "Never reversed anything" in shown
    assert "Reinstate" in shown and "Suspend</a>" not in shown
