"""The month's questions, one at a time: a wrong answer is explained, and the same question is asked again."""

from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance import documents
from compliance.documents import Question
from compliance.models import Draft
from compliance.rules.records import PregnancyTest
from ledger import log
from patients.models import Patient
from tests.clocks import Clock
from tests.histories import METHODS, NOW, OTHER_METHODS, ClinicFactory
from tests.web.opened import send
from tests.web.test_signing import client_of, fields
from tests.web.unrendered import unrendered

pytestmark = pytest.mark.django_db

PATH = "/patient/questions/"


@pytest.fixture(autouse=True)
def today(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")


@pytest.fixture
def patient(clinic: ClinicFactory) -> Patient:
    """Her own part of the month is asked anew, by another test in the open window."""
    found = clinic.ready()
    clinic.enter(found, PregnancyTest(NOW.date(), "negative", "laboratory", "first_five_days"))
    return found


@pytest.fixture
def client(patient: Patient) -> Client:
    assert patient.user is not None
    return client_of(patient.user)


def asked(page: Any) -> Question:
    question = page.context["question"]
    assert isinstance(question, Question)
    return question


def answer(client: Client, question: Question, choice: int, key: str = "") -> Any:
    return client.post(PATH, {question.id: str(choice), "key": key or str(uuid4())})


def passed(patient: Patient) -> list[dict[str, Any]]:
    return [
        dict(row.data) for row in log.read(patient.pk) if row.kind == "comprehension_passed" and "questions" in row.data
    ]


def test_one_question_is_asked_at_a_time_and_each_answer_is_a_button(client: Client) -> None:
    page = client.get(PATH)
    question, text = asked(page), unescape(page.content.decode())
    assert "Question 1 of 5" in text
    others = [one for one in documents.questions(version=2) if one.id != question.id]
    assert not [one.id for one in others if one.question in text]
    for place, choice in enumerate(question.choices):
        assert f'name="{question.id}" value="{place}">{choice}</button>' in text


def test_right_answers_lead_on_and_the_last_is_recorded_with_what_was_chosen(client: Client, patient: Patient) -> None:
    chosen: dict[str, str] = {}
    for place in range(1, 6):
        assert passed(patient) == []
        page = client.get(PATH)
        assert f"Question {place} of 5" in page.content.decode()
        question = asked(page)
        assert question.id not in chosen
        chosen[question.id] = str(question.right)
        answered = answer(client, question, question.right)
        assert answered["Location"] == (PATH if place < 5 else "/patient/methods/")
    (record,) = passed(patient)
    assert record == {"questions": chosen, "version": 2, "language": "en"}


def test_wrong_answer_is_explained_without_red_and_asked_again(client: Client, patient: Patient) -> None:
    question = asked(client.get(PATH))
    wrong = (question.right + 1) % 3
    assert answer(client, question, wrong)["Location"] == PATH
    page = client.get(PATH)
    text = unescape(page.content.decode())
    assert question.explanation in text
    assert f"“{question.choices[wrong]}”" in text
    assert asked(page) == question
    assert "notice--no" not in text
    assert "error-summary" not in text
    assert "Error:" not in text
    assert not Draft.objects.filter(patient=patient.pk, answers__has_key=question.id).exists()
    assert answer(client, question, question.right)["Location"] == PATH
    after = client.get(PATH)
    assert asked(after) != question
    assert "Not quite" not in after.content.decode()


def test_question_of_a_page_that_was_gone_back_to_is_taken_and_loses_nothing(client: Client) -> None:
    first = asked(client.get(PATH))
    answer(client, first, first.right)
    second = asked(client.get(PATH))
    assert answer(client, first, (first.right + 1) % 3)["Location"] == PATH
    assert asked(client.get(PATH)) == first, "it is explained"
    assert answer(client, first, first.right)["Location"] == PATH
    assert asked(client.get(PATH)) == second


def test_same_press_twice_is_one_answer(client: Client) -> None:
    question, key = asked(client.get(PATH)), str(uuid4())
    assert answer(client, question, question.right, key)["Location"] == PATH
    assert answer(client, question, question.right, key)["Location"] == PATH
    assert "Question 2 of 5" in client.get(PATH).content.decode()


def test_choices_stand_in_another_order_in_another_month(client: Client) -> None:
    with unrendered():
        page = client.get(PATH)
        places = [place for place, _text in page.context["options"]]
    assert sorted(places) == ["0", "1", "2"]
    with unrendered():
        assert places == [place for place, _text in client.get(PATH).context["options"]], "the same for the same month"


def test_month_shows_the_methods_of_last_time_to_be_signed_as_they_are(client: Client, patient: Patient) -> None:
    assert patient.user is not None
    page = client.get("/patient/methods/").content.decode()
    assert "As last month, you use:" in page
    assert "Combined pill" in page.split("<details")[0]
    sent = fields(patient.user) | {"methods": list(METHODS)}
    assert send(client, "/patient/methods/", sent)["Location"] == PATH, "the questions are left"
    declared, signed = log.read(patient.pk)[-2:]
    assert declared.data["methods"] == list(METHODS)
    text = documents.load("monthly-patient", 2, "en")
    assert signed.data["answers"] == {item.id: True for item in text.items}
    assert "tick" not in text.introduction.lower()


def test_changed_methods_are_kept_when_the_password_is_wrong(client: Client, patient: Patient) -> None:
    assert patient.user is not None
    sent = fields(patient.user, signer_password="another") | {"methods": list(OTHER_METHODS)}
    page = send(client, "/patient/methods/", sent)
    assert page.status_code == 422
    assert "As last month, you use:" not in page.content.decode()
    assert sorted(page.context["form"]["methods"].value()) == sorted(OTHER_METHODS)
