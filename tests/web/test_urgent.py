"""Something is wrong: what a patient reads first, what is reported, who is told, and what it does not do."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

import outbox
from accounts.models import User
from compliance.commands import delegation
from compliance.rules.care.notes import ProblemReported
from compliance.rules.entries import refusal
from compliance.rules.problems import open_problem
from compliance.rules.records import (
    Counselled,
    Discontinued,
    PregnancyReported,
    PregnancyTest,
    Record,
)
from compliance.words.urgent import EMERGENCY, PROBLEMS
from ledger import log
from ledger.clock import now
from outbox.models import Message
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import CANNOT, NOW, ClinicFactory, HistoryFactory
from ui.navigation import ENTRIES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")


def page(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def report(patient: Patient, what: str) -> Any:
    assert patient.user is not None
    return as_(patient.user).post(f"/patient/urgent/{what}/", {"key": str(uuid4())})


def told() -> set[Any]:
    accounts = [row.data["account"] for row in Message.objects.filter(kind="problem-reported")]
    return set(User.objects.filter(pk__in=accounts).values_list("pk", flat=True))


def test_urgent_page_is_a_link_on_every_page_of_a_patient() -> None:
    assert "patient:urgent" in [entry.name for entry in ENTRIES["patient"]]


@pytest.mark.parametrize("path", ["", "missed/", "failed/"])
def test_urgent_pages_say_stop_whom_to_call_and_until_when_emergency_contraception_works(
    clinic: ClinicFactory, path: str
) -> None:
    patient = clinic.ready()
    clinic.prescriber.phone = "+12125550142"
    clinic.prescriber.save(update_fields=["phone"])
    shown = page(as_(patient.user), f"/patient/urgent/{path}")
    assert "Stop taking the medicine now" in shown
    assert 'href="tel:+12125550142"' in shown
    assert "last 5 days" in shown
    assert all(str(sentence) in shown for sentence in EMERGENCY)


@pytest.mark.parametrize(("what", "recorded"), [(code, words.record) for code, words in PROBLEMS.items()])
def test_report_is_recorded_as_it_was_made_and_tells_prescriber_and_cover_at_once(
    clinic: ClinicFactory, what: str, recorded: str
) -> None:
    patient, officer = clinic.ready(), factories.officer()
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4())
    assert report(patient, what)["Location"] == "/patient/"
    row = log.read(patient.pk)[-1]
    assert (row.kind, row.data) == ("problem_reported", {"what": recorded})
    assert told() == {clinic.prescriber.user_id, clinic.other.user_id}
    assert officer.pk not in told()
    outbox.deliver(at=now())
    assert len(mail.outbox) == 2
    for letter in mail.outbox:
        assert not re.search(
            r"pregnan|period|method|test|isotretinoin", f"{letter.subject} {letter.body}", re.IGNORECASE
        )


def test_report_is_no_stop_and_the_page_says_so(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    User.objects.filter(pk=clinic.prescriber.user_id).update(name="Robin Hale")
    report(patient, "failed")
    shown = page(as_(patient.user), "/patient/")
    assert "Do not take the medicine until you have talked with your practice" in shown
    assert "This does not stop the program by itself." in shown
    assert "Robin Hale" in shown[shown.index('id="told"') :]
    assert str(EMERGENCY[0]) in shown
    theirs = page(as_(clinic.prescriber.user), f"/prescriber/patients/{patient.pk}/")
    assert "The patient reports: A method failed, or none was used" in theirs
    assert clinic.authorize(patient).allowed, "the law's answers do not change"


def test_pharmacy_and_stranger_learn_nothing_of_it(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    report(patient, "missed")
    assert as_(clinic.other.user).get(f"/prescriber/patients/{patient.pk}/").status_code == 404
    pharmacist = clinic.pharmacies[0].pharmacists.get().user
    form = {"number": patient.number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}
    shown = as_(pharmacist).post("/counter/", form, follow=True).content.decode()
    assert not re.search(r"period|reported", shown.split("<main")[1], re.IGNORECASE)


def test_who_may_be_pregnant_goes_through_the_stop(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = as_(patient.user)
    assert 'href="/patient/pregnant/"' in page(client, "/patient/urgent/")
    assert client.post("/patient/pregnant/", {"key": str(uuid4())}).status_code == 302
    shown = page(client, "/patient/urgent/")
    assert "What happened?" not in shown, "on hold there is nothing more to report"
    assert "Stop taking the medicine now" in shown
    assert str(EMERGENCY[0]) in page(client, "/patient/")
    assert not clinic.authorize(patient).allowed


# --- when it is dealt with -------------------------------------------------------------------------
LATER: dict[str, tuple[Record | None, bool]] = {
    "nothing": (None, True),
    "another report": (ProblemReported("method_failed"), True),
    "a visit": (Counselled(HistoryFactory().on(41)), False),
    "a test": (PregnancyTest(HistoryFactory().on(41), "negative", "laboratory"), False),
    "a stop": (PregnancyReported(), False),
    "the end of the course": (Discontinued("r"), False),
}


@pytest.mark.parametrize("name", LATER)
def test_report_stands_until_something_deals_with_it(name: str) -> None:
    record, stands = LATER[name]
    history = HistoryFactory().begun().enter(40, ProblemReported("missed_period"))
    if record is not None:
        history.enter(41, record)
    assert (open_problem(history.ask(42).history) is not None) is stands


def test_report_changes_no_answer_of_the_rules() -> None:
    with_report = HistoryFactory().begun().month(31).enter(31.5, ProblemReported("missed_period"))
    without = HistoryFactory().begun().month(31)
    assert with_report.codes(32) == without.codes(32) == ()


def test_who_is_never_tested_is_asked_for_no_such_report() -> None:
    history = HistoryFactory(category=CANNOT).sign()
    found = refusal(history.ask(1).history, history.entries, ProblemReported("missed_period"), history.at(1))
    assert found is not None
    assert found.rule == "not-tested"
