"""Reports that nobody has looked at are told again, by the hour; and grave answers without thoughts of harm."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

import outbox
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER, PRESCRIBER
from compliance.commands import delegation
from compliance.rules.care.mood import MoodAnswered
from compliance.rules.care.side_effects import ReportAnswered, SideEffectReported
from compliance.rules.records import Record
from ledger import access_log, log
from ledger.actor import Actor
from notifications.sweep import sweep
from outbox.models import Message
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from tests.mailbox import emails

pytestmark = pytest.mark.django_db

at_any_hour = pytest.mark.usefixtures("at_any_hour")

AGAIN, OFFICE = "still needs your call", "has not looked at a report"
URGENT = SideEffectReported(("yellow",), 1, "en", "today")


def mood(*answers: int) -> MoodAnswered:
    return MoodAnswered("phq-9", 1, "en", {str(item): answer for item, answer in enumerate(answers, 1)})


@pytest.fixture
def patient(clinic: ClinicFactory, clock: Clock) -> Patient:
    clock.at = NOW
    return clinic.ready()


def report(clinic: ClinicFactory, patient: Patient, record: Record) -> None:
    clinic._enter(patient, NOW, record)


def told(hours: float, subject: str) -> list[str]:
    """To whom a letter with these words in its subject has gone, so many hours after the report."""
    at = NOW + timedelta(hours=hours)
    sweep(at=at)
    outbox.deliver(at=at)
    return sorted(to for letter in emails() if subject in str(letter.subject) for to in letter.to)


def look(patient: Patient, account: User, role: str, hours: float, what: str = "patient") -> None:
    by = Actor(account.pk, role, patient.prescriber_id)
    access_log.add(patient.pk, by=by, what=what, why="own", at=NOW + timedelta(hours=hours))


@at_any_hour
@pytest.mark.parametrize("record", [URGENT, mood(0, 0, 0, 0, 0, 0, 0, 0, 1)], ids=["a side effect", "the ninth item"])
def test_report_is_told_again_to_all_of_the_practice_and_then_to_the_office(
    clinic: ClinicFactory, patient: Patient, record: Record
) -> None:
    officer = factories.officer()
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=clinic.other, by=clinic.doctor, at=NOW, key=uuid4())
    report(clinic, patient, record)
    practice = [clinic.prescriber.user.email, clinic.other.user.email]
    assert told(0.9, AGAIN) == []
    assert told(1, AGAIN) == sorted(practice)
    assert told(3.9, AGAIN) == sorted(practice)
    assert told(4, AGAIN) == sorted(practice * 2)
    assert told(7.9, OFFICE) == []
    assert told(8, OFFICE) == [officer.email]
    assert told(30, AGAIN) == sorted(practice * 2)
    assert told(48, OFFICE) == [officer.email], "once"


@at_any_hour
def test_no_letter_says_what_was_reported(clinic: ClinicFactory, patient: Patient) -> None:
    factories.officer()
    report(clinic, patient, mood(3, 3, 3, 3, 3, 3, 3, 3, 2))
    told(1, AGAIN), told(8, OFFICE)
    letters = [letter for letter in emails() if AGAIN in letter.subject or OFFICE in letter.subject]
    assert len(letters) == 2
    for letter in letters:
        words = f"{letter.subject} {letter.body}"
        assert not re.search(r"harm|suicid|PHQ|mood|feel|skin|side effect|isotretinoin", words, re.IGNORECASE)
        assert "Patient: " in words, "by number and initials, as in each message about a patient"


READERS: dict[str, tuple[str, str, bool]] = {
    "the prescriber opens the page": (PRESCRIBER, "patient", True),
    "a designee opens the page": (DESIGNEE, "patient", True),
    "a list names the patient": (PRESCRIBER, "offers", False),
    "an officer opens the page": (OFFICER, "patient", False),
}


@at_any_hour
@pytest.mark.parametrize("name", READERS)
def test_nobody_is_told_again_once_the_practice_has_opened_the_page(
    clinic: ClinicFactory, patient: Patient, name: str
) -> None:
    role, what, settles = READERS[name]
    factories.officer()
    report(clinic, patient, URGENT)
    look(patient, clinic.prescriber.user, role, 0.5, what)
    assert bool(told(1, AGAIN)) is not settles
    assert bool(told(8, OFFICE)) is not settles


@at_any_hour
def test_page_that_was_opened_before_settles_nothing(clinic: ClinicFactory, patient: Patient) -> None:
    look(patient, clinic.prescriber.user, PRESCRIBER, -1)
    report(clinic, patient, URGENT)
    assert told(1, AGAIN) == [clinic.prescriber.user.email]


@at_any_hour
def test_answer_ends_it(clinic: ClinicFactory, patient: Patient) -> None:
    factories.officer()
    report(clinic, patient, URGENT)
    number = log.read(patient.pk)[-1].number
    clinic._enter(patient, NOW + timedelta(minutes=20), ReportAnswered(number, talked=True))
    assert told(1, AGAIN) == told(8, OFFICE) == []


BANDS: dict[str, tuple[Callable[[], MoodAnswered], str]] = {
    "severe": (lambda: mood(3, 3, 3, 3, 3, 3, 2, 0, 0), "report-same-day"),
    "at the lower end of moderately severe": (lambda: mood(3, 3, 3, 3, 3, 0, 0, 0, 0), "report-soon"),
    "at the upper end of moderately severe": (lambda: mood(3, 3, 3, 3, 3, 3, 1, 0, 0), "report-soon"),
    "moderate": (lambda: mood(3, 3, 3, 3, 2, 0, 0, 0, 0), ""),
    "severe with thoughts of harm": (lambda: mood(3, 3, 3, 3, 3, 3, 3, 3, 1), ""),
    "severe so far, not finished": (lambda: mood(3, 3, 3, 3, 3, 3, 3), ""),
}


@pytest.mark.parametrize("name", BANDS)
def test_practice_hears_of_answers_by_their_band(clinic: ClinicFactory, patient: Patient, name: str) -> None:
    make, kind = BANDS[name]
    report(clinic, patient, make())
    kinds = Message.objects.filter(kind__in=("report-same-day", "report-soon")).values_list("kind", flat=True)
    assert list(kinds) == ([kind] if kind else [])


@at_any_hour
def test_severe_answers_are_told_in_a_mail_of_their_own_on_the_same_day(
    clinic: ClinicFactory, patient: Patient
) -> None:
    report(clinic, patient, BANDS["severe"][0]())
    assert told(0, "look at a patient’s page now") == [clinic.prescriber.user.email]
    (letter,) = emails()
    assert not re.search(r"PHQ|severe|mood|feel|answers", f"{letter.subject} {letter.body}", re.IGNORECASE)


def test_moderately_severe_answers_wait_for_the_digest(clinic: ClinicFactory, patient: Patient) -> None:
    report(clinic, patient, BANDS["at the lower end of moderately severe"][0]())
    sweep(at=NOW)
    outbox.deliver(at=NOW)
    assert not emails(), "not before the morning"
    assert Message.objects.get(kind="report-soon").digest is not None
