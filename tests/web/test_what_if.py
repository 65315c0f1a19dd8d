"""What another edition would have answered: asked by the office, worked out by the worker, and nothing is changed."""

from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.roles import OFFICER, PRESCRIBER
from compliance.commands import what_if
from compliance.commands.decide import NotPermitted
from compliance.models import WhatIf
from compliance.rules.editions import NoEdition
from compliance.rules.what_if import FillAnswer
from ledger.actor import Actor
from ledger.models import AccessEvent, LogRecord
from notifications import tasks
from outbox.turns import Turn
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db
PAGE = "/office/oversight/what-if/"


@pytest.fixture
def office(clock: Clock) -> Client:
    clock.at = NOW
    return factories.as_(factories.officer())


def filled(clinic: ClinicFactory) -> Patient:
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    assert number and clinic.dispense(patient, number) is None
    return patient


def asked(edition: str = "2021", sample: int = 100) -> WhatIf:
    by = Actor(factories.officer().pk, OFFICER)
    return WhatIf.objects.get(pk=what_if.ask(edition=edition, sample=sample, by=by, at=NOW, key=uuid4()))


def page(client: Client, path: str) -> str:
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def test_from_the_question_to_the_answer(clinic: ClinicFactory, office: Client) -> None:
    """The screening test was a clinic's and the second one a laboratory's: by each edition that is the same day."""
    filled(clinic)
    filled(clinic)
    clinic.ready()
    records = LogRecord.objects.count()
    answer: Any = office.post(PAGE, {"key": str(uuid4()), "edition": "2023", "sample": "100"})
    assert answer.status_code == 302
    waiting = page(office, answer["Location"])
    assert "0 of 3 patients" in waiting and "See how far it is" in waiting
    assert tasks.what_if() is False
    done = page(office, answer["Location"])
    assert "3 of 3 patients" in done and "2 fills" in done and "See how far it is" not in done
    row = WhatIf.objects.get()
    assert (row.fills, row.same, row.earlier, row.later, row.refused) == (2, 2, 0, 0, 0)
    assert LogRecord.objects.count() == records, "nothing is written about anybody"
    assert "Done" in page(office, PAGE)


def test_which_patients_are_named_and_that_is_in_the_access_log(
    clinic: ClinicFactory, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = filled(clinic)
    answers = [FillAnswer("AAAA", NOW.date(), None)]
    monkeypatch.setattr(what_if, "answers_of", lambda file, at, edition: answers)
    row = asked()
    what_if.work_out(at=NOW)
    shown = page(office, f"{PAGE}{row.pk}/")
    assert patient.list_name in shown and "AAAA" in shown and "Not at all" in shown
    assert [one.subject for one in AccessEvent.objects.filter(what="what-if")] == [patient.pk]


def test_it_goes_on_where_the_turn_ended(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        filled(clinic)
    monkeypatch.setattr(what_if, "BATCH", 2)
    row = asked()
    assert what_if.work_out(at=NOW, turn=Turn(ends_at=0)), "the turn was over before it began"
    assert what_if._go_on(row, NOW)
    row.refresh_from_db()
    assert (row.looked_at, row.fills, row.finished_at) == (2, 2, None)
    assert not what_if.work_out(at=NOW)
    row.refresh_from_db()
    assert (row.looked_at, row.fills) == (3, 3) and row.finished_at is not None


def test_a_sample_is_no_larger_than_it_was_asked_for(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(clinic)
    filled(clinic)
    monkeypatch.setattr(what_if, "SAMPLES", (1, 0))
    one, every = asked(sample=1), asked(sample=0)
    what_if.work_out(at=NOW)
    one.refresh_from_db()
    every.refresh_from_db()
    assert (one.looked_at, one.fills) == (1, 1)
    assert (every.looked_at, every.fills) == (2, 2)


def test_only_an_officer_asks_and_for_an_edition_that_there_is(clinic: ClinicFactory) -> None:
    by = Actor(clinic.prescriber.user_id, PRESCRIBER, clinic.prescriber.pk)
    with pytest.raises(NotPermitted):
        what_if.ask(edition="2021", sample=100, by=by, at=NOW, key=uuid4())
    with pytest.raises(NoEdition):
        asked("1999")
    assert not WhatIf.objects.exists()
