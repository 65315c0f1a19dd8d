"""A question typed with a no: who may ask, who reads it, what the card says, and until when."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from compliance.commands.rebuild import rebuild
from compliance.models import Draft, PatientStatus
from compliance.records.rebuild import differences
from ledger import log
from ledger.clock import now
from ledger.erasable_text import erase, read_texts
from outbox.models import Message
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import ClinicFactory
from tests.web.opened import send

pytestmark = pytest.mark.django_db

QUESTION = "Does it change my eyesight for good?"
SECTION = "/patient/sign/patient-information/en/3/"
REACHED = "Your question reached your practice on"


def client_of(user: User | None) -> Client:
    assert user is not None
    client = Client()
    factories.sign_in(client, user)
    return client


def page(user: User | None, path: str) -> str:
    return client_of(user).get(path).content.decode()


@pytest.fixture
def clinic(clock: Clock) -> ClinicFactory:
    clock.set("2026-12-15T11:00-05:00")
    return ClinicFactory()


@pytest.fixture
def patient(clinic: ClinicFactory) -> Patient:
    return clinic.ready()


def reads_to(client: Client, place: int, start: str) -> None:
    for earlier in range(1, place):
        assert send(client, f"{start}/{earlier}/", {"answer": "yes", "key": str(uuid4())}).status_code == 302


def asks_in_section(client: Client, start: str, **form: str) -> Any:
    reads_to(client, 3, start)
    body = {"answer": "no", "question": QUESTION, "key": str(uuid4())} | form
    return send(client, f"{start}/3/", body)


def asks_with_refusal(client: Client, start: str, **form: str) -> Any:
    return client.post(f"{start.removesuffix('/en')}/no/", {"question": QUESTION, "key": str(uuid4())} | form)


WAYS: dict[str, tuple[Callable[..., Any], str | None]] = {
    "with a no to a part": (asks_in_section, "side-effects"),
    "with a no to the whole": (asks_with_refusal, None),
}


@pytest.mark.parametrize("way", WAYS)
def test_question_reaches_the_practice_and_the_card_says_so_until_it_is_answered(
    clinic: ClinicFactory, patient: Patient, clock: Clock, way: str
) -> None:
    ask, item = WAYS[way]
    client = client_of(patient.user)
    assert REACHED not in page(patient.user, "/patient/")
    assert ask(client, "/patient/sign/patient-information/en").status_code == 302
    row = log.read(patient.pk)[-1]
    assert (row.kind, row.data["signer"], row.data.get("item")) == ("question_asked", "patient", item)
    assert QUESTION not in str(row.data), "the log holds a salted digest"
    assert read_texts([row.data["question"]]) == {row.data["question"]: QUESTION}
    assert REACHED in page(patient.user, "/patient/")
    theirs = f"/prescriber/patients/{patient.pk}/"
    shown = page(clinic.prescriber.user, theirs)
    assert QUESTION in shown
    assert "Note as answered" in shown
    clock.forward(hours=1)
    answered = client_of(clinic.prescriber.user).post(f"{theirs}question/", {"key": str(uuid4())})
    assert answered.status_code == 302
    assert log.read(patient.pk)[-1].kind == "question_answered"
    assert REACHED not in page(patient.user, "/patient/")
    shown = page(clinic.prescriber.user, theirs)
    assert QUESTION in shown, "it can be read afterwards too"
    assert "Note as answered" not in shown
    clock.forward(hours=1)
    assert ask(client, "/patient/sign/patient-information/en").status_code == 302
    assert REACHED in page(patient.user, "/patient/"), "another one waits again"


def test_worklist_shows_who_asks_until_the_practice_has_answered(
    clinic: ClinicFactory, patient: Patient, clock: Clock
) -> None:
    said = "You: a question to answer"
    doctor = clinic.prescriber.user

    def worklist(query: str = "") -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", page(doctor, f"/prescriber/{query}")).split())

    assert said not in worklist()
    asks_in_section(client_of(patient.user), "/patient/sign/patient-information/en")
    status = PatientStatus.objects.get(patient=patient)
    assert status.asks_since == date(2026, 12, 15)
    assert said in worklist("?asks=1")
    assert QUESTION not in worklist()
    PatientStatus.objects.filter(patient=patient).update(asks_since=None)
    assert list(differences()) == [(patient.pk, "asks_since")]
    rebuild(now())
    assert list(differences()) == []
    assert PatientStatus.objects.get(patient=patient).asks_since == date(2026, 12, 15)
    clock.forward(hours=1)
    client_of(doctor).post(f"/prescriber/patients/{patient.pk}/question/", {"key": str(uuid4())})
    assert PatientStatus.objects.get(patient=patient).asks_since is None
    assert said not in worklist()


@pytest.mark.parametrize("way", WAYS)
def test_practice_is_told_once_that_there_is_a_question_and_never_which(patient: Patient, way: str) -> None:
    """By the message of any no: what it says is looked at by `tests/notifications/test_every_kind.py`."""
    WAYS[way][0](client_of(patient.user), "/patient/sign/patient-information/en")
    (message,) = Message.objects.filter(subject=patient.pk)
    assert (message.kind, message.data) == ("declined", {})


def test_no_with_a_question_is_kept_as_an_answer_too(clinic: ClinicFactory, patient: Patient) -> None:
    asks_in_section(client_of(patient.user), "/patient/sign/patient-information/en")
    (draft,) = Draft.objects.filter(patient=patient)
    assert draft.answers["side-effects"] is False
    assert "answered no to something" in page(clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/")


def test_question_with_a_yes_is_refused_and_what_was_typed_stays(patient: Patient) -> None:
    answer = asks_in_section(client_of(patient.user), "/patient/sign/patient-information/en", answer="yes")
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "A question goes with a no." in shown
    assert QUESTION in shown
    assert "question_asked" not in {row.kind for row in log.read(patient.pk)}


@pytest.mark.parametrize("way", WAYS)
def test_no_without_a_question_asks_nothing(patient: Patient, way: str) -> None:
    assert (
        WAYS[way][0](client_of(patient.user), "/patient/sign/patient-information/en", question=" ").status_code == 302
    )
    assert "question_asked" not in {row.kind for row in log.read(patient.pk)}
    assert REACHED not in page(patient.user, "/patient/")


def test_each_asks_for_themselves_and_nobody_else_reads_it(clinic: ClinicFactory) -> None:
    """A guardian's question is not on the patient's page, nor the patient's record, and the other way round."""
    patient = clinic.ready(date(2011, 3, 4))
    guardian = factories.guardian(patient).user
    start = f"/guardian/{patient.pk}/sign/patient-information/en"
    assert asks_in_section(client_of(guardian), start).status_code == 302
    assert REACHED in page(guardian, "/guardian/")
    assert REACHED not in page(patient.user, "/patient/")
    assert "Guardian" in page(clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/")
    for path in ("/patient/", "/patient/record/", "/patient/record/record.json"):
        assert QUESTION not in page(patient.user, path), path


def test_stranger_reads_no_question_and_answers_none(clinic: ClinicFactory, patient: Patient) -> None:
    asks_with_refusal(client_of(patient.user), "/patient/sign/patient-information/en")
    theirs = f"/prescriber/patients/{patient.pk}/"
    stranger = client_of(clinic.other.user)
    assert stranger.get(theirs).status_code == 404
    assert stranger.post(f"{theirs}question/", {"key": str(uuid4())}).status_code == 404
    assert REACHED in page(patient.user, "/patient/")


def test_nothing_is_noted_as_answered_where_nothing_is_asked(clinic: ClinicFactory, patient: Patient) -> None:
    theirs = f"/prescriber/patients/{patient.pk}/"
    answer = client_of(clinic.prescriber.user).post(f"{theirs}question/", {"key": str(uuid4())})
    assert answer.status_code == 422
    assert "There is no question any more" in answer.content.decode()


def test_erased_question_is_shown_as_erased(clinic: ClinicFactory, patient: Patient) -> None:
    asks_with_refusal(client_of(patient.user), "/patient/sign/patient-information/en")
    assert erase([log.read(patient.pk)[-1].data["question"]]) == 1
    shown = page(clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/")
    assert "It was erased." in shown
    assert QUESTION not in shown
