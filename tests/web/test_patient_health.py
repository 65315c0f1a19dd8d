"""The patient's page of their health: what is recorded, what has changed, and who reads it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from compliance.rules.care.health import HealthAnswered
from compliance.rules.records import Discontinued
from ledger import log
from outbox.models import Message
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import NOW, ClinicFactory
from ui.navigation import ENTRIES

pytestmark = pytest.mark.django_db

PAGE, PRESS = "/patient/health/", "/patient/health/unchanged/"
ANSWERS = HealthAnswered(("peanut",), (), ("lipids", "depression"))


@pytest.fixture
def own(patient: Patient) -> Client:
    return as_(patient.user)


def words(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def say(client: Client, text: str, key: str = "") -> Any:
    return client.post(PAGE, {"words": text, "key": key or str(uuid4())})


def press(client: Client) -> Any:
    return client.post(PRESS, {"key": str(uuid4())})


def reviewed(patient: Patient) -> list[dict[str, Any]]:
    return [dict(row.data) for row in log.read(patient.pk) if row.kind == "health_reviewed"]


def practice_page(clinic: ClinicFactory, patient: Patient, path: str = "") -> str:
    return words(as_(clinic.prescriber.user), f"/prescriber/patients/{patient.pk}/{path}")


def shown_last(clinic: ClinicFactory, patient: Patient) -> str:
    """The number of the patient's last word on the practice's form."""
    form = as_(clinic.prescriber.user).get(f"/prescriber/patients/{patient.pk}/health/").content.decode()
    (field,) = re.findall(r'<input[^>]*name="seen"[^>]*>', form)
    return "".join(re.findall(r'value="(\d+)"', field))


def enter_answers(clinic: ClinicFactory, patient: Patient, *, seen: str = "", **form: Any) -> Any:
    """The practice enters the answers, on the page as it stands unless `seen` says otherwise."""
    sent = {"allergies": ["peanut"], "other": "", "seen": seen or shown_last(clinic, patient), "key": str(uuid4())}
    return as_(clinic.prescriber.user).post(f"/prescriber/patients/{patient.pk}/health/", sent | form)


def test_patient_reads_what_is_recorded_and_not_what_it_means_for_the_medicine(
    clinic: ClinicFactory, patient: Patient, own: Client
) -> None:
    clinic._enter(patient, NOW, ANSWERS)
    shown = words(own)
    assert "Allergies Peanut" in shown
    assert "Other medicines None of those that were asked" in shown
    assert "High cholesterol or triglycerides; Depression" in shown
    assert "capsules are filled with soybean oil" not in shown, "the flag is the prescriber's"
    assert "capsules are filled with soybean oil" in practice_page(clinic, patient)


def test_nothing_recorded_yet(own: Client) -> None:
    shown = words(own)
    assert "Your practice has not entered anything yet." in shown
    assert "Is that still all?" not in shown


def test_one_press_each_month_says_that_nothing_has_changed(
    clinic: ClinicFactory, patient: Patient, own: Client, clock: Clock
) -> None:
    clinic._enter(patient, NOW, ANSWERS)
    assert "Is that still all?" not in words(own), "the practice has just asked"
    clock.at = NOW + timedelta(days=28)
    assert "Has anything changed in your allergies or medicines?" in words(own, "/patient/")
    assert "Is that still all?" in words(own)
    assert press(own).status_code == 302
    assert reviewed(patient) == [{"changed": False}]
    assert "You said that nothing has changed, Tue, Jan 12, 2027" in words(own)
    assert "Is that still all?" not in words(own)
    assert "nothing has changed, the patient says" in practice_page(clinic, patient)
    clock.at = NOW + timedelta(days=56)
    assert "Is that still all?" in words(own)


def test_change_waits_until_the_practice_enters_the_answers(
    clinic: ClinicFactory, patient: Patient, own: Client
) -> None:
    clinic._enter(patient, NOW, ANSWERS)
    assert say(own, "I take doxycycline & a herb").status_code == 302
    (record,) = reviewed(patient)
    assert record["changed"] is True
    assert "doxycycline" not in str(record), "the words are erasable"
    assert "Your practice has not entered it yet I take doxycycline & a herb" in words(own)
    assert Message.objects.filter(kind="health-changed", subject=patient.pk).count() == 1
    for path in ("", "health/", "month/"):
        shown = practice_page(clinic, patient, path)
        assert "The patient says that something has changed. I take doxycycline & a herb" in shown, path
    assert enter_answers(clinic, patient, medicines=["tetracyclines"]).status_code == 302
    assert "The patient says that something has changed" not in practice_page(clinic, patient)
    assert "Both together can raise the pressure in the head" in practice_page(clinic, patient)
    shown = words(own)
    assert "Tetracyclines (doxycycline, minocycline)" in shown
    assert "has not entered it yet" not in shown


def test_answers_do_not_settle_what_the_patient_wrote_while_the_page_was_open(
    clinic: ClinicFactory, patient: Patient, own: Client
) -> None:
    say(own, "a new vitamin")
    seen = shown_last(clinic, patient)
    say(own, "and a rash")
    answer = enter_answers(clinic, patient, seen=seen, medicines=["vitamin-a"])
    assert answer.status_code == 422
    page = unescape(answer.content.decode())
    assert "The patient has written something meanwhile." in page
    assert "and a rash" in page
    assert re.search(r'value="vitamin-a"[^>]*checked|checked[^>]*value="vitamin-a"', page), "nothing typed is lost"
    assert "The patient says that something has changed" in practice_page(clinic, patient)
    assert enter_answers(clinic, patient, medicines=["vitamin-a"]).status_code == 302
    assert "The patient says that something has changed" not in practice_page(clinic, patient)


def test_nothing_changed_does_not_take_back_what_has(clinic: ClinicFactory, patient: Patient, own: Client) -> None:
    clinic._enter(patient, NOW, ANSWERS)
    say(own, "a new vitamin")
    assert press(own).status_code == 302
    assert "something has changed. a new vitamin" in practice_page(clinic, patient)
    assert "nothing has changed, the patient says" not in practice_page(clinic, patient)


def test_empty_words_are_refused_and_the_same_press_counts_once(patient: Patient, own: Client) -> None:
    assert say(own, "   ").status_code == 422
    key = str(uuid4())
    assert [say(own, "a vitamin", key).status_code, say(own, "a vitamin", key).status_code] == [302, 302]
    assert len(reviewed(patient)) == 1


def test_after_treatment_the_page_stays_and_nothing_is_asked(
    clinic: ClinicFactory, patient: Patient, own: Client
) -> None:
    clinic._enter(patient, NOW, ANSWERS)
    clinic._enter(patient, NOW, Discontinued("done"))
    shown = words(own)
    assert "Allergies Peanut" in shown
    assert "Side effects: what should I do?" in shown
    assert "How do you feel?" in shown
    assert "What has changed?" not in shown
    assert say(own, "a vitamin").status_code == 422
    assert press(own).status_code == 302
    assert not reviewed(patient)
    for path in ("/patient/side-effects/", "/patient/feeling/"):
        assert own.get(path).status_code == 200, path


def test_page_is_in_the_navigation_of_a_patient() -> None:
    assert "patient:health" in {entry.name for entry in ENTRIES["patient"]}


def test_nobody_else_reads_it(clinic: ClinicFactory, patient: Patient, own: Client) -> None:
    say(own, "a secret herb")
    assert as_(clinic.other.user).get(f"/prescriber/patients/{patient.pk}/health/").status_code == 404
    for account in (clinic.prescriber.user, clinic.pharmacies[0].pharmacists.get().user, factories.account("guardian")):
        assert as_(account).get(PAGE).status_code == 403
