"""Pregnancies before the office: found when and how, followed until the outcome, and shown to nobody else."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import DESIGNEE, PATIENT, PHARMACIST, PRESCRIBER
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import EntryRefused, enter
from compliance.commands.rebuild import rebuild
from compliance.models import PregnancyCase
from compliance.records.file import read_file
from compliance.rules.care.pregnancies import CAUSES, EXPOSURES, OUTCOMES, PregnancyFollowed
from compliance.rules.pregnancies import PHASES, pregnancy_cases
from compliance.rules.records import Authorized, Discontinued, Dispensed, PregnancyReported, PregnancyTest, StopCleared
from compliance.words.pregnancies import CAUSE, EXPOSURE, EXPOSURE_SHORT, FOUND_BY, OUTCOME, PHASE
from ledger import log
from ledger.actor import Actor
from ledger.models import AccessEvent
from patients.models import Patient
from patients.people import actor_of
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory, HistoryFactory

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


@pytest.fixture
def officer(clock: Clock) -> User:
    clock.at = LATER
    return factories.officer()


@pytest.fixture
def office(officer: User) -> Client:
    return factories.as_(officer)


@pytest.fixture
def expecting(clinic: ClinicFactory) -> Patient:
    patient = clinic.ready()
    assert clinic.enter(patient, PregnancyTest(NOW.date(), "positive", "clinic"))
    return patient


def path_of(patient: Patient) -> str:
    case = PregnancyCase.objects.filter(patient=patient).latest("found_at")
    return f"/office/oversight/cases/{patient.pk}/{case.record}/"


def page(client: Client, path: str) -> str:
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def follow(client: Client, patient: Patient, **form: str) -> Any:
    said = {"outcome": "pending", "exposure": "unknown", "cause": "unknown", "gestation_weeks": "", "note": "", **form}
    return client.post(path_of(patient), {"key": str(uuid4()), **said})


# --- the rules ----------------------------------------------------------------------------------------
def _fill(history: HistoryFactory, day: float) -> HistoryFactory:
    record = Authorized("AAAAAAAA", "pharmacy", 30, history.on(int(day) + 6), first_day=history.on(int(day)))
    return history.enter(day, record).enter(day, Dispensed("AAAAAAAA"))


FOUND: dict[str, tuple[Callable[[], HistoryFactory], list[tuple[str, str]]]] = {
    "before the first fill": (
        lambda: HistoryFactory().begun().enter(5, PregnancyReported()), [("before-first-fill", "report")],
    ),
    "during treatment": (
        lambda: _fill(HistoryFactory().begun(), 40).test(60, "positive"), [("during-treatment", "test")],
    ),
    "after treatment": (
        lambda: _fill(HistoryFactory().begun(), 40).enter(70, Discontinued("done")).test(90, "positive"),
        [("after-treatment", "test")],
    ),
    "a course that ended without a fill": (
        lambda: HistoryFactory().begun().enter(20, Discontinued("moved")).test(30, "positive"),
        [("before-first-fill", "test")],
    ),
    "a report after the test is the same one": (
        lambda: HistoryFactory().begun().test(5, "positive").enter(6, PregnancyReported()),
        [("before-first-fill", "test")],
    ),
    "a stop that was cleared, without an outcome": (
        lambda: HistoryFactory().begun().test(5, "positive").enter(6, StopCleared("wrong")).test(9, "positive"),
        [("before-first-fill", "test")],
    ),
    "another after the outcome of the first": (
        lambda: (h := HistoryFactory().begun().test(5, "positive")).enter(
            20, PregnancyFollowed(len(h.entries), "miscarriage", "unknown", "unknown")).test(200, "positive"),
        [("before-first-fill", "test"), ("before-first-fill", "test")],
    ),
    "none": (lambda: HistoryFactory().begun(), []),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_cases_by_when_and_how_they_were_found(name: str) -> None:
    history, expected = FOUND[name]
    found = pregnancy_cases(history().ask(300).history)
    assert [(case.phase, case.found_by) for case in found] == expected


def test_every_code_has_its_words() -> None:
    assert (set(OUTCOME), set(EXPOSURE), set(CAUSE)) == (set(OUTCOMES), set(EXPOSURES), set(CAUSES))
    assert (set(EXPOSURE_SHORT), set(PHASE), set(FOUND_BY)) == (set(EXPOSURES), set(PHASES), {"test", "report"})


# --- the pages ----------------------------------------------------------------------------------------
def test_a_case_is_listed_with_its_age_and_followed_until_its_outcome(
    expecting: Patient, office: Client, officer: User
) -> None:
    shown = page(office, "/office/oversight/cases/")
    assert "3 days" in shown and "Not known yet" in shown and "Before the first fill" in shown
    answer = follow(office, expecting, exposure="exposed", cause="method-failed", gestation_weeks="6", note="Called.")
    assert answer.status_code == 302
    assert "Exposed" in page(office, "/office/oversight/cases/"), "it stays until the outcome is known"
    shown = page(office, path_of(expecting))
    assert "Called." in shown and "6 weeks" in shown and officer.name in shown
    assert follow(office, expecting, outcome="live-birth", exposure="exposed", cause="method-failed").status_code == 302
    assert "No pregnancy here" in page(office, "/office/oversight/cases/")
    assert "Live birth" in page(office, "/office/oversight/cases/?state=all")
    record = log.read(expecting.pk)[-2]
    assert (record.kind, record.role) == ("pregnancy_followed", "officer")
    assert "Called" not in str(record.data), "what is said in words can be erased"
    assert {one.what for one in AccessEvent.objects.filter(subject=expecting.pk)} == {"cases", "case"}


def test_no_pregnancy_is_said_twice_or_not_at_all(expecting: Patient, office: Client) -> None:
    answer = follow(office, expecting, outcome="not-pregnant", cause="method-failed")
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"cause"})
    assert follow(office, expecting, outcome="not-pregnant", cause="not-pregnant").status_code == 302


@pytest.mark.parametrize("weeks", ["46", "-1", "x"])
def test_weeks_that_cannot_be_are_refused_with_what_was_typed(expecting: Patient, office: Client, weeks: str) -> None:
    answer = follow(office, expecting, gestation_weeks=weeks, note="Kept.")
    assert answer.status_code == 422 and "Kept." in answer.content.decode()


def test_what_the_office_follows_up_is_shown_to_nobody_else(
    clinic: ClinicFactory, expecting: Patient, office: Client
) -> None:
    assert follow(office, expecting, outcome="miscarriage", exposure="exposed", note="Sorry words.").status_code == 302
    designee = factories.designee(clinic.prescriber).user
    pages = ("/patient/", "/patient/record/", reverse("patient:record_json"))
    own = [(path, expecting.user) for path in pages]
    practice = [(f"/prescriber/patients/{expecting.pk}/", one) for one in (clinic.prescriber.user, designee)]
    for path, reader in (*own, *practice):
        answer = factories.as_(reader).get(path, follow=True)
        text = b"".join(answer) if answer.streaming else answer.content
        for word in (b"followed up", b"pregnancy_followed", b"iscarriage", b"Sorry words"):
            assert word not in text, (path, word)
    assert "Pregnancy followed up by the program office" in page(office, f"/office/patients/{expecting.pk}/")


# --- the command --------------------------------------------------------------------------------------
def test_only_an_officer_follows_a_case_up_and_only_one_that_is_there(
    clinic: ClinicFactory, expecting: Patient, officer: User
) -> None:
    case = PregnancyCase.objects.get().record

    def send(by: Actor, number: int) -> None:
        record = PregnancyFollowed(number, "pending", "unknown", "unknown")
        enter(patient=expecting.pk, records=[record], by=by, at=LATER, key=uuid4())

    assert expecting.user_id is not None
    for role, account, place in (
        (PRESCRIBER, clinic.prescriber.user_id, clinic.prescriber.pk),
        (DESIGNEE, factories.designee(clinic.prescriber).user_id, clinic.prescriber.pk),
        (PATIENT, expecting.user_id, expecting.pk),
        (PHARMACIST, clinic.counters[0].account, clinic.pharmacies[0].pk),
    ):
        with pytest.raises(NotPermitted):
            send(Actor(account, role, place), case)
    with pytest.raises(EntryRefused):
        send(actor_of(officer), case - 1)
    send(actor_of(officer), case)
    assert PregnancyCase.objects.get().followed_at is not None


def test_the_stop_stays_whatever_the_office_says(clinic: ClinicFactory, expecting: Patient, office: Client) -> None:
    before = read_file(expecting.pk, LATER).assess(LATER).codes
    follow(office, expecting, outcome="not-pregnant", cause="not-pregnant")
    assert read_file(expecting.pk, LATER).assess(LATER).codes == before
    assert "stop-open" in before


def test_cases_are_rebuilt_from_the_logs(expecting: Patient, office: Client) -> None:
    follow(office, expecting, exposure="exposed")
    (before,) = PregnancyCase.objects.values("patient", "record", "found_at", "exposure", "outcome", "followed_at")
    PregnancyCase.objects.all().delete()
    rebuild(LATER)
    (after,) = PregnancyCase.objects.values("patient", "record", "found_at", "exposure", "outcome", "followed_at")
    assert after == before
