"""Side effects: what the patient is told, whom it reaches, how it is answered, and who never sees any of it."""

import json
import re
from datetime import date
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

import outbox
from accounts.models import User
from compliance import documents
from compliance.models import PatientStatus
from compliance.rules.records import Counselled
from ledger import log
from ledger.clock import now
from ledger.erasable_text import read_texts
from outbox.models import Message
from patients.models import Patient
from tests import amount, factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

ADDRESS, WHAT_TO_DO = "/patient/side-effects/", "/patient/side-effects/what-to-do/"
OWN_WORDS = "since Tuesday, quite bad"


@pytest.fixture(autouse=True)
def today(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return unescape(answer.content.decode())


def report(patient: Patient, *symptoms: str, words: str = "", key: str = "") -> Any:
    form = {"symptoms": symptoms, "words": words, "key": key or str(uuid4())}
    return as_(patient.user).post(ADDRESS, form)


REPORTS: dict[str, tuple[tuple[str, ...], str, list[str], str]] = {
    # the symptoms, where the answer leads, what is advised in order, the recorded urgency
    "an ambulance": (("chest-pain",), WHAT_TO_DO, ["Call 911 now"], "ambulance"),
    "today": (("yellow", "dark-urine"), WHAT_TO_DO, ["Stop the medicine, and call your practice today"], "today"),
    "next time": (("dry-lips",), WHAT_TO_DO, ["Go on as before, and mention it at your next visit"], "next-time"),
    "all three": (
        ("dry-lips", "yellow", "breathing"),
        WHAT_TO_DO,
        [
            "Call 911 now",
            "Stop the medicine, and call your practice today",
            "Go on as before, and mention it at your next visit",
        ],
        "ambulance",
    ),
    "thoughts of harm": (("harm", "dry-lips"), "/patient/help/", [], "ambulance"),
}


@pytest.mark.parametrize("name", REPORTS)
def test_answer_says_at_once_what_to_do_most_urgent_first(clinic: ClinicFactory, name: str) -> None:
    symptoms, location, advice, urgency = REPORTS[name]
    patient = clinic.ready()
    assert report(patient, *symptoms)["Location"] == location
    data = log.read(patient.pk)[-1].data
    assert set(data["symptoms"]) == set(symptoms)
    assert (data["version"], data["language"], data["urgency"]) == (1, "en", urgency)
    shown = page(as_(patient.user), location)
    titles = re.findall(r'id="advice-[a-z-]+">([^<]+)<', shown)
    assert titles == advice
    if not advice:
        assert 'href="tel:988"' in shown
    urgent = urgency != "next-time"
    assert Message.objects.filter(kind="report-urgent").exists() is urgent
    assert (PatientStatus.objects.get(patient=patient).owed != []) is urgent


def test_mail_says_nothing_of_it(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    report(patient, "harm", words="I cannot go on")
    outbox.deliver(at=now())
    (letter,) = mail.outbox
    assert not re.search(r"harm|cannot go on|side effect|symptom|medicine", f"{letter.subject} {letter.body}")


def test_own_words_are_erasable_and_read_by_both_sides(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    report(patient, "yellow", words=OWN_WORDS)
    data = log.read(patient.pk)[-1].data
    assert OWN_WORDS not in json.dumps(data)
    assert list(read_texts(data["sealed"].values()).values()) == [OWN_WORDS]
    assert OWN_WORDS in page(as_(patient.user), WHAT_TO_DO)
    shown = page(as_(clinic.prescriber.user), f"/prescriber/patients/{patient.pk}/")
    assert OWN_WORDS in shown
    assert "Yellow skin or yellow eyes" in shown
    assert "The patient was told: Stop the medicine, and call your practice today." in re.sub(r"\s+", " ", shown)


def test_what_can_wait_is_shown_at_the_next_visit_and_settled_by_it(clinic: ClinicFactory) -> None:
    patient, doctor = clinic.ready(), as_(clinic.prescriber.user)
    report(patient, "dry-lips")
    for path in ("", "month/", "visit/"):
        assert "Talk about it at the next visit" in page(doctor, f"/prescriber/patients/{patient.pk}/{path}")
    assert clinic.enter(patient, Counselled(NOW.date()), now())
    assert "Talk about it at the next visit" not in page(doctor, f"/prescriber/patients/{patient.pk}/")


def test_answer_reaches_the_patient_with_a_message_of_nothing(clinic: ClinicFactory) -> None:
    patient, doctor = clinic.ready(), as_(clinic.prescriber.user)
    Patient.objects.filter(pk=patient.pk).update(email="ana@example.org")
    report(patient, "yellow")
    address, number = f"/prescriber/patients/{patient.pk}/answer/", log.read(patient.pk)[-1].number
    words = "Your blood test is fine. Go on from tomorrow."
    assert doctor.post(address, {"report": number, "words": words, "key": str(uuid4())}).status_code == 302
    assert words not in json.dumps(log.read(patient.pk)[-1].data)
    for path in ("/patient/", WHAT_TO_DO):
        assert words in page(as_(patient.user), path)
    outbox.deliver(at=now())
    (letter,) = [one for one in mail.outbox if one.to == ["ana@example.org"]]
    assert "your practice answered" in letter.subject
    assert "blood" not in letter.body


def test_answer_does_not_settle_what_came_in_while_it_was_written(clinic: ClinicFactory) -> None:
    patient, doctor = clinic.ready(), as_(clinic.prescriber.user)
    report(patient, "yellow")
    number = log.read(patient.pk)[-1].number
    report(patient, "breathing")
    address = f"/prescriber/patients/{patient.pk}/answer/"
    assert doctor.post(address, {"report": number, "talked": "on", "key": str(uuid4())}).status_code == 302
    shown = page(doctor, f"/prescriber/patients/{patient.pk}/")
    assert "Trouble breathing" in shown[: shown.index('id="history"')]
    assert PatientStatus.objects.get(patient=patient).owed


def test_nothing_picked_is_said_beside_the_field_and_keeps_the_words(clinic: ClinicFactory) -> None:
    answer = report(clinic.ready(), words=OWN_WORDS)
    assert answer.status_code == 422
    shown = unescape(answer.content.decode())
    assert "Choose at least one." in shown
    assert OWN_WORDS in shown


def test_pages_are_reached_from_every_page_by_the_urgent_one(clinic: ClinicFactory) -> None:
    shown = page(as_(clinic.ready().user), "/patient/urgent/")
    assert f'href="{ADDRESS}"' in shown
    assert 'href="/patient/help/"' in shown


# --- who never sees any of it --------------------------------------------------------------------------
#: Words that would give it away, in a report with everything in it. None of them comes up in a random token.
TRACES = (
    "Thoughts of harm", "Thoughts of hurting", "PHQ-", "Mood questions", "Side effects reported", OWN_WORDS, "hopeless",
    "Yellow skin", "report_answered", "mood_answered", "side_effect_reported", "We see us at four", "moderately severe",
)  # fmt: skip


@pytest.fixture
def reported(clinic: ClinicFactory) -> Patient:
    """A minor who answered everything, reported and was answered."""
    patient = clinic.ready(date(2010, 4, 2))
    client = as_(patient.user)
    for item, answer in enumerate((3, 3, 1, 1, 1, 1, 1, 1, 2), 1):
        client.post("/patient/feeling/", {"item": item, "answer": answer, "key": str(uuid4())})
    report(patient, "yellow", "harm", words=OWN_WORDS)
    number = log.read(patient.pk)[-1].number
    answer_form = {"report": number, "talked": "on", "words": "We see us at four.", "key": str(uuid4())}
    as_(clinic.prescriber.user).post(f"/prescriber/patients/{patient.pk}/answer/", answer_form)
    return patient


FIGURE = re.compile(r"/office/oversight/[a-z-]+/")


#: Texts that everybody may read speak of side effects in general.
TEXTS = "/documents/"
#: The pages of the reader's own account, which are the same for each reader.
OWN = "/account/"


def walked(client: Client, start: str, besides: tuple[str, ...] = (TEXTS,)) -> dict[str, str]:
    """Every page that links lead to from there, by its address; of the office's figures, which are numbers, a few."""
    seen: dict[str, str] = {}
    waiting, figures = [start], amount.share(100, 3)
    while waiting:
        path = waiting.pop()
        if path in seen or not path.startswith("/") or "/static/" in path or "language" in path:
            continue
        if path.startswith(besides):
            continue
        figures -= (is_figure := FIGURE.fullmatch(path) is not None)
        if is_figure and figures < 0:
            continue
        response = client.get(path)
        seen[path] = unescape(response.content.decode(errors="replace"))
        waiting += [*re.findall(r'href="(/[^"#]*)"', seen[path]), response.headers.get("Location", "")]
    return seen


def test_pharmacy_guardian_and_office_find_nothing_of_it_on_any_page(clinic: ClinicFactory, reported: Patient) -> None:
    pharmacist = as_(clinic.pharmacies[0].pharmacists.get().user)
    form = {"number": reported.number, "born_on": "04/02/2010", "days_supply": "30", "key": str(uuid4())}
    decision = pharmacist.post("/counter/", form, follow=True).content.decode()
    pages = walked(pharmacist, "/counter/") | {"the decision": decision}
    assert len(pages) > 4
    _has_no_trace(pages)
    guardian = factories.guardian(reported, user=factories.account("guardian"))
    besides = (TEXTS,) if amount.EVERYTHING else (TEXTS, OWN)
    pages = walked(as_(guardian.user), "/guardian/", besides)
    assert len(pages) > 2
    _has_no_trace(pages)
    outbox.deliver(at=now())
    pages = walked(as_(factories.officer()), "/office/", besides)
    assert len(pages) > 8
    _has_no_trace(pages)


def _has_no_trace(pages: dict[str, str]) -> None:
    found = {path: [trace for trace in TRACES if trace in shown] for path, shown in pages.items()}
    assert {path: traces for path, traces in found.items() if traces} == {}


def test_stranger_of_another_practice_is_refused(clinic: ClinicFactory, reported: Patient) -> None:
    for path in ("", "answer/"):
        assert as_(clinic.other.user).get(f"/prescriber/patients/{reported.pk}/{path}").status_code == 404


def test_patients_own_copy_has_all_of_it(clinic: ClinicFactory, reported: Patient) -> None:
    copy = page(as_(reported.user), "/patient/record/record.json")
    assert "PHQ-9 · 14 of 27, moderate" in copy
    assert "Yellow skin or yellow eyes" in copy
    assert "talked with the patient" in copy
    assert reported.user is not None
    User.objects.filter(pk=reported.user.pk).update(language="es")
    in_spanish = as_(User.objects.get(pk=reported.user.pk))
    assert documents.symptom_table("es", version=1).symptoms["yellow"].text in page(in_spanish, "/patient/record/")


def test_parts_of_the_body_are_folded_but_for_those_with_something_ticked(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    client = as_(patient.user)

    def open_parts(answer: str) -> list[str]:
        return re.findall(r'<details class="choices__fold" open>\s*<summary>([^<]+)<', answer)

    table = documents.symptom_table("en", version=1)
    parts = dict(table.groups)
    asked = page(client, ADDRESS)
    assert asked.count('<details class="choices__fold"') == len(parts)
    assert open_parts(asked) == []
    too_long = {"symptoms": ["dry-lips"], "words": "x" * 1001, "key": str(uuid4())}
    again = unescape(client.post(ADDRESS, too_long).content.decode())
    assert open_parts(again) == [parts[table.symptoms["dry-lips"].group]]
    assert log.read(patient.pk)[-1].kind != "side_effect_reported"
