"""The yearly survey: offered in one line, answered once a year or put off, counted without who answered what."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.models import SurveyOffer, User
from accounts.roles import GUARDIAN
from compliance import documents
from compliance.models import SurveySum
from compliance.records.surveys import questions_of
from compliance.rules.records import CategoryChanged, PregnancyReported
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import CANNOT, NOW, ClinicFactory
from ui.fields import OUT_OF_DATE

pytestmark = pytest.mark.django_db
PAGE, ANSWERS, LATER = "/survey/", "/survey/answers/", "/survey/later/"
LINE = 'href="/survey/"'


@pytest.fixture(autouse=True)
def at_noon(clock: Clock) -> None:
    clock.at = NOW


@pytest.fixture
def clinic() -> ClinicFactory:
    return ClinicFactory()


def _known(user: User) -> User:
    """With an account that is older than a month: who is new is asked nothing."""
    User.objects.filter(pk=user.pk).update(created_at=NOW - timedelta(days=31))
    return user


def _pharmacist(clinic: ClinicFactory, place: int = 0) -> User:
    return _known(clinic.pharmacies[place].pharmacists.get().user)


def _patient(clinic: ClinicFactory) -> User:
    user = clinic.ready().user
    assert user is not None
    return _known(user)


def _designee(clinic: ClinicFactory) -> User:
    return _known(factories.designee(clinic.prescriber).user)


def sheet(survey: str, *, right: bool = True, **more: Any) -> dict[str, Any]:
    """A survey with each of its questions answered right, or by "I don't know"."""
    bank = documents.questions(version=1, bank=survey)
    chosen = {one.id: str(one.right if right else len(one.choices) - 1) for one in bank}
    return {"key": str(uuid4()), "version": "1"} | chosen | more


def sums(survey: str) -> dict[str, tuple[int, int]]:
    rows = SurveySum.objects.filter(survey=survey).values_list("question", "answered", "right")
    return {question: (answered, right) for question, answered, right in rows}


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


#: Each reader: who they are, their first page, and their survey.
READERS: Mapping[str, tuple[Callable[[ClinicFactory], User], str, str]] = {
    "a patient": (_patient, "/patient/", "survey-patient"),
    "a prescriber": (lambda clinic: _known(clinic.prescriber.user), "/prescriber/", "survey-prescriber"),
    "a designee": (_designee, "/prescriber/", "survey-prescriber"),
    "a pharmacist": (_pharmacist, "/counter/profile/", "survey-pharmacist"),
}


# --- offered, put off, answered -----------------------------------------------------------------------
@pytest.mark.parametrize("name", READERS)
def test_it_is_offered_answered_and_offered_again_a_year_later(name: str, clinic: ClinicFactory, clock: Clock) -> None:
    make, home, survey = READERS[name]
    user = make(clinic)
    client = factories.as_(user)
    assert LINE in client.get(home).content.decode()
    page = client.get(PAGE).content.decode()
    assert all(unescape(page).count(one.question) for one in documents.questions(version=1, bank=survey))
    answer = client.post(PAGE, sheet(survey), follow=True)
    assert answer.redirect_chain == [(ANSWERS, 302)]
    assert set(sums(survey).values()) == {(1, 1)}
    assert LINE not in client.get(home).content.decode()
    assert client.get(PAGE).headers["Location"] == ANSWERS
    row = SurveyOffer.objects.get()
    assert (row.version, row.again_on) == (1, date(2027, 12, 1)), "of the day there is no more than the month"
    for instant, offered in (("2027-11-30T23:59-05:00", False), ("2027-12-01T00:00-05:00", True)):
        clock.set(instant)
        answer = factories.as_(user).get(PAGE)
        assert (answer.status_code == 200) == offered


@pytest.mark.parametrize("name", READERS)
def test_not_now_is_asked_again_after_thirty_days(name: str, clinic: ClinicFactory) -> None:
    make, home, survey = READERS[name]
    client = factories.as_(make(clinic))
    assert client.post(LATER, {"key": str(uuid4())}, follow=True).status_code == 200
    assert LINE not in client.get(home).content.decode()
    row = SurveyOffer.objects.get()
    assert (row.version, row.again_on) == (None, NOW.date() + timedelta(days=30))
    SurveyOffer.objects.update(again_on=NOW.date() + timedelta(days=1))
    assert LINE not in client.get(home).content.decode()
    SurveyOffer.objects.update(again_on=NOW.date())
    assert LINE in client.get(home).content.decode()
    assert sums(survey) == {}


def test_who_has_put_it_off_may_answer_all_the_same_and_later_takes_nothing_back(clinic: ClinicFactory) -> None:
    client = factories.as_(_pharmacist(clinic))
    client.post(LATER, {"key": str(uuid4())})
    client.post(PAGE, sheet("survey-pharmacist"))
    assert SurveyOffer.objects.get().version == 1
    client.post(LATER, {"key": str(uuid4())})
    assert SurveyOffer.objects.get().version == 1
    assert set(sums("survey-pharmacist").values()) == {(1, 1)}


def test_a_year_later_it_is_counted_again_and_can_be_put_off(clinic: ClinicFactory) -> None:
    client = factories.as_(_pharmacist(clinic))
    client.post(PAGE, sheet("survey-pharmacist"))
    SurveyOffer.objects.update(again_on=NOW.date())
    assert LINE in client.get("/counter/profile/").content.decode()
    client.post(LATER, {"key": str(uuid4())})
    assert SurveyOffer.objects.get().version is None
    client.post(PAGE, sheet("survey-pharmacist"))
    assert set(sums("survey-pharmacist").values()) == {(2, 2)}


def test_who_is_new_is_asked_nothing(clinic: ClinicFactory) -> None:
    user = _pharmacist(clinic)
    User.objects.filter(pk=user.pk).update(created_at=NOW - timedelta(days=29))
    assert LINE not in factories.as_(user).get("/counter/profile/").content.decode()


def test_a_patient_is_offered_nothing_while_something_is_asked_of_them_or_has_happened(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    client = factories.as_(_known(patient.user))
    assert LINE in client.get("/patient/").content.decode()
    assert clinic.enter(patient, PregnancyReported())
    assert LINE not in client.get("/patient/").content.decode()
    without = factories.patient(clinic.prescriber, user=_known(factories.account("patient")))
    assert without.user is not None
    assert LINE not in factories.as_(without.user).get("/patient/").content.decode()


# --- sent twice, or wrong -----------------------------------------------------------------------------
def test_a_double_click_counts_once_and_both_see_what_is_right(clinic: ClinicFactory) -> None:
    client, form = factories.as_(_pharmacist(clinic)), sheet("survey-pharmacist")
    for _click in range(2):
        assert "You knew it" in text_of(client.post(PAGE, form, follow=True))
    assert set(sums("survey-pharmacist").values()) == {(1, 1)}


def test_from_a_second_tab_it_is_not_counted_and_said_so(clinic: ClinicFactory) -> None:
    client = factories.as_(_pharmacist(clinic))
    client.post(PAGE, sheet("survey-pharmacist"))
    said = text_of(client.post(PAGE, sheet("survey-pharmacist", right=False), follow=True))
    assert "You have answered this survey already." in said
    assert set(sums("survey-pharmacist").values()) == {(1, 1)}


OUT = str(OUT_OF_DATE)
WRONG: Mapping[str, tuple[dict[str, Any], str]] = {
    "nothing chosen": ({"guide": ""}, "Choose an answer."),
    "a choice that there is not": ({"guide": "9"}, "Select a valid choice"),
    "no number": ({"guide": "x\x00"}, "Select a valid choice"),
    "questions of another version": ({"version": "2"}, OUT),
    "questions of no version": ({"version": "x"}, OUT),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_and_loses_nothing(name: str, clinic: ClinicFactory) -> None:
    client = factories.as_(_pharmacist(clinic))
    more, sentence = WRONG[name]
    answer = client.post(PAGE, sheet("survey-pharmacist", **more))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    expected = 6 if "guide" not in more else 5
    assert answer.content.decode().count("checked") == expected, "what was chosen stands there still"
    assert 'name="version" value="1"' in answer.content.decode(), "sent again, it is of the version of today"
    assert sums("survey-pharmacist") == {} and not SurveyOffer.objects.exists()


# --- what is right ------------------------------------------------------------------------------------
def test_each_answer_is_explained_and_none_is_red(clinic: ClinicFactory) -> None:
    client = factories.as_(_pharmacist(clinic))
    answer = client.post(PAGE, sheet("survey-pharmacist", closed="0"), follow=True)
    said = text_of(answer)
    for one in documents.questions(version=1, bank="survey-pharmacist"):
        assert one.choices[one.right] in said and one.explanation in said
    assert said.count("You knew it") == 5
    assert "You chose: I hand the product over: it was ready in time" in said
    assert "pill--no" not in answer.content.decode()


def test_what_was_chosen_stays_in_the_own_browser_and_is_read_by_nobody_else(clinic: ClinicFactory) -> None:
    first, second = _pharmacist(clinic), _pharmacist(clinic, 1)
    client = factories.as_(first)
    answer = client.post(PAGE, sheet("survey-pharmacist"))
    cookie = answer.cookies["survey"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 600)
    assert "guide" not in cookie.value and str(first.pk) not in cookie.value
    factories.sign_in(client, second)
    client.post(PAGE, sheet("survey-pharmacist"))
    client.cookies["survey"] = cookie.value
    assert "You knew it" not in text_of(client.get(ANSWERS)), "the same browser, somebody else"
    client.cookies["survey"] = "forged"
    assert client.get(ANSWERS).status_code == 200


def test_who_has_not_answered_is_asked_first(clinic: ClinicFactory) -> None:
    assert factories.as_(_pharmacist(clinic)).get(ANSWERS).headers["Location"] == PAGE


def test_of_whom_no_tests_are_asked_is_not_asked_about_birth_control(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    client = factories.as_(_known(patient.user))
    for_all, everything = (questions_of("survey-patient", "en", version=1, tested=tested) for tested in (False, True))
    assert 5 <= len(for_all) < len(everything) <= 7
    assert set(for_all) < set(everything)
    page = unescape(client.get(PAGE).content.decode())
    assert all(one.question in page for one in everything)
    assert clinic.enter(patient, CategoryChanged(CANNOT, "hysterectomy"))
    page = unescape(client.get(PAGE).content.decode())
    assert [one for one in everything if one.question in page] == for_all
    assert ANSWERS in client.post(PAGE, sheet("survey-patient")).headers["Location"]
    assert sums("survey-patient").keys() == {one.id for one in for_all}, "what was not asked is not counted"


def test_in_spanish_page_and_answers_are_in_spanish(clinic: ClinicFactory) -> None:
    user = _pharmacist(clinic)
    User.objects.filter(pk=user.pk).update(language="es")
    client = factories.as_(user)
    assert "Ahora no" in text_of(client.get("/counter/profile/"))
    assert "¿Para qué entregas se necesita una autorización?" in text_of(client.get(PAGE))
    said = text_of(client.post(PAGE, sheet("survey-pharmacist"), follow=True))
    assert "Usted lo sabía" in said and "La guía va con cada entrega" in said


# --- who does not see it ------------------------------------------------------------------------------
def test_strangers_and_other_roles_have_no_survey(clinic: ClinicFactory) -> None:
    guardian = factories.guardian(clinic.ready(), user=factories.account(GUARDIAN)).user
    for user, status in ((None, 302), (guardian, 403), (factories.officer(), 403)):
        client = factories.as_(user)
        assert client.get(PAGE).status_code == status
        assert client.post(PAGE, sheet("survey-patient")).status_code == status
        assert client.post(LATER, {"key": str(uuid4())}).status_code == status
    assert not SurveyOffer.objects.exists() and sums("survey-patient") == {}


# --- no link between who and what ---------------------------------------------------------------------
def _everything() -> dict[str, list[Any]]:
    """All rows of all tables without their numbers, in the order of these: where a row lies is where there was room."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [table for (table,) in cursor.fetchall()]
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT to_jsonb(t) - 'id' FROM {table} t ORDER BY to_jsonb(t) -> 'id', to_jsonb(t)")
            rows[table] = [row for (row,) in cursor.fetchall()]
    rows["django_session"] = [session.get_decoded() for session in Session.objects.order_by("session_key")]
    return rows


class _Undo(Exception):
    """Takes back what was done within it."""


def _answered(clients: list[Client], rights: list[bool], keys: list[UUID]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    try:
        with transaction.atomic():
            for client, right, key in zip(clients, rights, keys, strict=True):
                client.post(PAGE, sheet("survey-pharmacist", right=right, key=str(key)))
                client.get(ANSWERS)
            found = _everything()
            raise _Undo
    except _Undo:
        return found


def test_whoever_of_two_answered_what_every_table_is_the_same(clinic: ClinicFactory) -> None:
    clients = [factories.as_(_pharmacist(clinic, place)) for place in range(2)]
    for client in clients:
        client.get("/counter/profile/")
    before, keys = _everything(), [uuid4(), uuid4()]
    one_way, the_other = (_answered(clients, rights, keys) for rights in ([True, False], [False, True]))
    assert one_way == the_other
    changed = {table for table in before if before[table] != one_way[table]}
    assert changed == {"accounts_surveyoffer", "compliance_surveysum", "ledger_loggedrequest"}


def test_the_sums_name_nobody_and_no_day(clinic: ClinicFactory) -> None:
    factories.as_(_pharmacist(clinic)).post(PAGE, sheet("survey-pharmacist"))
    row: dict[str, Any] = dict(SurveySum.objects.filter(question="guide").values().get())
    assert row.pop("id")
    assert row == {
        "month": date(2026, 12, 1), "survey": "survey-pharmacist", "version": 1, "question": "guide", "answered": 1,
        "right": 1,
    }  # fmt: skip


@pytest.mark.parametrize("change", ["answered = 0", '"right" = 0', "month = '2026-11-01'"])
def test_a_sum_only_grows(change: str, clinic: ClinicFactory) -> None:
    factories.as_(_pharmacist(clinic)).post(PAGE, sheet("survey-pharmacist"))
    for statement in (f"UPDATE compliance_surveysum SET {change}", "DELETE FROM compliance_surveysum"):
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_no_answer_of_the_gate_changes(clinic: ClinicFactory) -> None:
    """Before and after, by the log: nothing is in it."""
    patient: Patient = clinic.ready()
    assert patient.user is not None
    before = _everything()
    factories.as_(_known(patient.user)).post(PAGE, sheet("survey-patient", right=False))
    after = _everything()
    assert before["ledger_record"] == after["ledger_record"]
    assert before["compliance_patientstatus"] == after["compliance_patientstatus"]
    assert clinic.authorize(patient).number
