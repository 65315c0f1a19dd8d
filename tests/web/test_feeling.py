"""How do you feel: one question at a time, the ninth told at once, and who never sees any of it."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

import outbox
from accounts.models import User
from compliance import documents
from compliance.commands import delegation
from compliance.models import Draft, PatientStatus
from compliance.words.urgent import CRISIS
from ledger import log
from ledger.clock import now
from outbox.models import Message
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import NOW, ClinicFactory
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

ADDRESS = "/patient/feeling/"
QUESTIONS = documents.mood_questions(version=1)


@pytest.fixture(autouse=True)
def today(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def press(client: Client, item: int, answer: int, key: str = "") -> Any:
    return client.post(ADDRESS, {"item": item, "answer": answer, "key": key or str(uuid4())})


def answer_all(client: Client, *answers: int) -> Any:
    """Each question by its answer; where the last press led."""
    for item, answer in enumerate(answers, 1):
        response = press(client, item, answer)
    return response["Location"]


def recorded(patient: Patient) -> list[dict[str, Any]]:
    return [dict(row.data) for row in log.read(patient.pk) if row.kind == "mood_answered"]


def told() -> set[Any]:
    accounts = [row.data["account"] for row in Message.objects.filter(kind="report-urgent")]
    return set(User.objects.filter(pk__in=accounts).values_list("pk", flat=True))


def test_two_questions_are_asked_and_recorded_where_their_sum_is_low(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = as_(patient.user)
    assert "Question 1 of 2" in page(client, ADDRESS)
    assert answer_all(client, 1, 1) == "/patient/"
    (record,) = recorded(patient)
    assert record == {"instrument": "phq-2", "version": 1, "language": "en", "answers": {"1": 1, "2": 1}}
    assert not Draft.objects.exists()
    assert not Message.objects.filter(kind="report-urgent").exists()


def test_nine_are_asked_where_the_first_two_say_so(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = as_(patient.user)
    for item in range(1, 10):
        shown = page(client, ADDRESS)
        assert f"Question {item} of {2 if item < 3 else 9}" in shown
        assert QUESTIONS.item(item) in shown
        assert all(choice in shown for choice in QUESTIONS.choices)
        assert "Spitzer" in shown
        assert not recorded(patient)
        location = press(client, item, 2 if item < 9 else 0)["Location"]
        assert location == (ADDRESS if item < 9 else "/patient/")
    (record,) = recorded(patient)
    assert (record["instrument"], len(record["answers"])) == ("phq-9", 9)
    assert "talks with you about them" in page(client, "/patient/")
    shown = page(as_(clinic.prescriber.user), f"/prescriber/patients/{patient.pk}/")
    assert "PHQ-9 · 16 of 27, moderately severe" in shown
    assert "Talk about it at the next visit" in shown
    assert not told(), "that can wait for the visit"


@pytest.mark.parametrize("answer", [1, 2, 3])
def test_ninth_at_anything_but_not_at_all_shows_help_and_tells_the_practice_at_once(
    clinic: ClinicFactory, answer: int
) -> None:
    patient, officer = clinic.ready(), factories.officer()
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4())
    client = as_(patient.user)
    assert answer_all(client, 2, 1, 0, 0, 0, 0, 0, 0, answer) == "/patient/help/"
    shown = page(client, "/patient/help/")
    for line in CRISIS:
        assert f'href="{line.url}"' in shown.replace("&amp;", "&")
    assert "741741" in shown
    assert told() == {clinic.prescriber.user_id, clinic.other.user_id}
    assert officer.pk not in told()
    outbox.deliver(at=now())
    assert len(mail.outbox) == 2
    for letter in mail.outbox:
        words = f"{letter.subject} {letter.body}"
        assert "urgent" in letter.subject
        assert not re.search(r"mood|harm|suicid|PHQ|feel|depress|isotretinoin", words, re.IGNORECASE)
        assert f"/prescriber/patients/{patient.pk}/" in letter.body


def test_ninth_alone_is_recorded_and_told_with_the_rest_unanswered(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = as_(patient.user)
    press(client, 1, 3)
    assert press(client, 9, 1)["Location"] == "/patient/help/"
    (record,) = recorded(patient)
    assert record["answers"] == {"1": 3, "9": 1}
    assert told() == {clinic.prescriber.user_id}
    assert "not finished" in page(as_(clinic.prescriber.user), f"/prescriber/patients/{patient.pk}/")


def test_ninth_stands_at_the_top_of_the_worklist_until_somebody_enters_the_call(clinic: ClinicFactory) -> None:
    others = [clinic.ready() for _ in range(3)]
    as_(others[0].user).post("/patient/pregnant/", {"key": str(uuid4())})
    patient = others[1]
    answer_all(as_(patient.user), 3, 3, 0, 0, 0, 0, 0, 0, 1)
    assert ["answer", "2026-12-15"] in PatientStatus.objects.get(patient=patient).owed
    doctor = as_(clinic.prescriber.user)
    rows = re.findall(r'id="row-([0-9a-f-]{36})"', page(doctor, "/prescriber/"))
    assert rows[:2] == [str(patient.pk), str(others[0].pk)], "before the stop"
    shown = page(doctor, "/prescriber/")
    assert "call about a report" in shown
    assert str(patient.pk) in page(doctor, "/prescriber/?mine=1")
    address = f"/prescriber/patients/{patient.pk}/answer/"
    number = log.read(patient.pk)[-1].number
    assert f'name="report" value="{number}"' in page(doctor, address)
    assert doctor.post(address, {"report": number, "key": str(uuid4())}).status_code == 422, "it says something"
    answer = {"report": number, "talked": "on", "words": "We see us at four.", "key": str(uuid4())}
    assert doctor.post(address, answer)["Location"] == f"/prescriber/patients/{patient.pk}/"
    assert PatientStatus.objects.get(patient=patient).owed == []
    rows = re.findall(r'id="row-([0-9a-f-]{36})"', page(doctor, "/prescriber/"))
    assert rows[0] == str(others[0].pk)
    shown = page(as_(patient.user), "/patient/")
    assert "Your practice answered" in shown
    assert "We see us at four." in shown
    assert [m.data for m in Message.objects.filter(kind="report-answered", subject=patient.pk)] == [{"to": "patient"}]


def test_designee_may_enter_the_call_too(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    press(as_(patient.user), 9, 1)
    number = log.read(patient.pk)[-1].number
    client = as_(factories.designee(clinic.prescriber).user)
    assert "Thoughts of harm" in page(client, f"/prescriber/patients/{patient.pk}/")
    answer = {"report": number, "talked": "on", "key": str(uuid4())}
    assert client.post(f"/prescriber/patients/{patient.pk}/answer/", answer).status_code == 302
    assert log.read(patient.pk)[-1].data == {"report": number, "talked": True}
    assert "They noted that they talked with you." in page(as_(patient.user), "/patient/help/")


def test_patient_sees_who_was_told_and_when(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    User.objects.filter(pk=clinic.prescriber.user_id).update(name="Robin Hale")
    press(as_(patient.user), 9, 2)
    shown = page(as_(patient.user), "/patient/help/")
    assert "Robin Hale" in shown[shown.index('id="told"') :]
    assert "a letter is on its way since" in shown
    outbox.deliver(at=now())
    assert "told <time" in re.sub(r"\s+", " ", page(as_(patient.user), "/patient/help/"))


def test_same_press_twice_is_one_and_another_on_the_page_that_back_shows_is_another(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client, key = as_(patient.user), str(uuid4())
    assert press(client, 1, 0, key)["Location"] == press(client, 1, 0, key)["Location"] == ADDRESS
    press(client, 1, 3, key)
    assert press(client, 2, 0, key)["Location"] == ADDRESS, "three in all: it goes on"
    press(client, 9, 1, key)
    assert press(client, 9, 1, key)["Location"] == "/patient/help/"
    assert len(recorded(patient)) == 1
    assert Message.objects.filter(kind="report-urgent").count() == 1


def test_last_press_twice_ends_on_the_first_page(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client, key = as_(patient.user), str(uuid4())
    press(client, 1, 0)
    assert press(client, 2, 0, key)["Location"] == press(client, 2, 0, key)["Location"] == "/patient/"
    assert len(recorded(patient)) == 1


def test_one_question_back_shows_what_was_answered_and_takes_another_answer(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = as_(patient.user)
    press(client, 1, 2)
    assert 'href="?back=1"' in page(client, ADDRESS)
    shown = page(client, f"{ADDRESS}?back=1")
    assert QUESTIONS.item(1) in shown
    assert re.search(r'value="2">\s*More than half the days\s*<span class="quiet">\(your answer\)', shown)
    assert "?back=2" not in shown, "it is the first"
    press(client, 1, 0)
    press(client, 2, 0)
    assert recorded(patient)[0]["answers"] == {"1": 0, "2": 0}


@pytest.mark.parametrize("form", [{}, {"item": 10, "answer": 1}, {"item": 1, "answer": 4}, {"item": "x", "answer": ""}])
def test_what_is_no_answer_is_not_taken(clinic: ClinicFactory, form: dict[str, Any]) -> None:
    patient = clinic.ready()
    assert as_(patient.user).post(ADDRESS, form | {"key": str(uuid4())}).status_code == 422
    assert not Draft.objects.exists()


def test_it_is_offered_each_month_and_is_no_step_of_it(clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    client = as_(patient.user)
    with unrendered():
        before = client.get("/patient/").context["card"].steps
    assert "Answer two questions" in page(client, "/patient/")
    answer_all(client, 0, 0)
    shown = client.get("/patient/")
    assert "Answer two questions" not in shown.content.decode()
    assert shown.context["card"].steps == before
    assert clinic.authorize(patient).allowed
    clock.set("2027-01-13T11:00-05:00")
    assert "Answer two questions" in page(as_(patient.user), "/patient/")
