"""Drafts: answers before a signature are kept for one text in one course, and the prescriber is told of each no."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.html import escape

import outbox
from accounts.models import User
from accounts.roles import PATIENT
from compliance import documents
from compliance.commands import consents, drafts
from compliance.models import Draft
from compliance.rules.records import CategoryChanged, Discontinued, Enrolled, Record
from compliance.signatures import CONSENT, agreed, make_signature, pairs
from ledger import log
from ledger.actor import Actor
from outbox.models import CapturedEmail, Message
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import ClinicFactory
from tests.security.reading import brought_by
from tests.web.opened import send
from tests.web.turns import by_turns

pytestmark = pytest.mark.django_db

START = "/patient/sign/birth-defects/en"
NOTICE = "answered no to something before signing"


class Reading:
    """A patient who reads a document, and the prescriber."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.clinic = clock, ClinicFactory()
        self.patient: Patient = self.clinic.ready()
        assert self.patient.user is not None
        self.user: User = self.patient.user
        self.client = Client()
        factories.sign_in(self.client, self.user)

    def says(self, place: int, answer: str = "yes", start: str = START) -> Any:
        self.clock.forward(seconds=1)
        return send(self.client, f"{start}/{place}/", {"answer": answer, "key": str(uuid4())})

    def has_read_all(self) -> None:
        """The answers that are kept once each section was answered, without its pages."""
        document = documents.load("birth-defects", 2, "en")
        enrolled = next(row.number for row in reversed(log.read(self.patient.pk)) if row.kind == "enrolled")
        drafts.save(
            patient=self.patient.pk, what=consents.draft_name(document, enrolled), answers=agreed(document),
            by=Actor(self.user.pk, PATIENT, self.patient.pk), at=self.clock.forward(seconds=1), key=uuid4(),
        )  # fmt: skip

    def enter(self, *records: Record) -> None:
        for record in records:
            self.clock.forward(minutes=1)
            assert self.clinic.enter(self.patient, record, at=self.clock()), record.kind

    def signs(self, language: str = "en") -> None:
        document, key, by = (
            documents.load("birth-defects", 2, language),
            uuid4(),
            Actor(self.user.pk, PATIENT, self.patient.pk),
        )
        record = consents.consent(patient=self.patient.pk, document=document, answers=agreed(document), by=by)
        signature = make_signature(
            document, "X", pairs([record]), subject=self.patient.pk, by=by, key=key, meaning=CONSENT
        )
        at = self.clock.forward(minutes=1)
        consents.sign(patient=self.patient.pk, record=record, signature=signature, by=by, at=at, key=key)

    @property
    def opens(self) -> str:
        """Where the signature page leads."""
        answer = self.client.get(f"{START}/signature/")
        return answer.headers.get("Location", "") or "the signature"

    def prescriber_is_asked_to_talk(self) -> bool:
        client = Client()
        factories.sign_in(client, self.clinic.prescriber.user)
        return NOTICE in client.get(f"/prescriber/patients/{self.patient.pk}/").content.decode()


@pytest.fixture
def reading(clock: Clock, settings: Any) -> Reading:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    clock.set("2026-12-15T11:00-05:00")
    return Reading(clock)


# --- for which course ----------------------------------------------------------------------------
ENROLLED = Enrolled("can_become_pregnant")
ELSE: dict[str, tuple[Record, ...]] = {
    "the course ended and another began": (Discontinued("r"), ENROLLED),
    "the category closed the text and opened it again": (
        CategoryChanged("cannot_become_pregnant", "male"), CategoryChanged("can_become_pregnant", "r"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ELSE)
def test_what_was_answered_before_is_read_anew(reading: Reading, name: str) -> None:
    reading.has_read_all()
    assert reading.opens == "the signature"
    for record in ELSE[name]:
        reading.enter(record)
        reading.clock.forward(days=100)
    assert reading.opens == f"{START}/1/"
    overview = reading.client.get("/patient/sign/birth-defects/").content.decode()
    assert "Go on reading" not in overview
    assert f'href="{START}/1/"' in overview


def test_a_category_that_asks_for_the_text_all_along_loses_no_answer(reading: Reading) -> None:
    start = "/patient/sign/patient-information/en"
    reading.says(1, start=start)
    reading.enter(CategoryChanged("cannot_become_pregnant", "male"))
    assert reading.client.get(f"{start}/2/").status_code == 200
    assert reading.client.get(f"{START}/1/").status_code == 404


def test_a_no_of_another_course_asks_nobody_to_talk(reading: Reading) -> None:
    reading.says(1, "no")
    assert reading.prescriber_is_asked_to_talk()
    reading.enter(CategoryChanged("cannot_become_pregnant", "male"))
    assert not reading.prescriber_is_asked_to_talk()
    reading.enter(Discontinued("r"), ENROLLED)
    assert not reading.prescriber_is_asked_to_talk()
    reading.says(1, "no")
    assert reading.prescriber_is_asked_to_talk()


def test_a_signature_forgets_what_was_left_in_the_other_language(reading: Reading) -> None:
    reading.says(1, "no", start=START.replace("/en", "/es"))
    reading.says(1, "no", start="/patient/sign/patient-information/en")
    reading.signs()
    (kept,) = Draft.objects.all()
    assert kept.what.startswith("consent:patient-information:")


# --- a no is told --------------------------------------------------------------------------------
def told() -> int:
    return Message.objects.filter(kind="declined").count()


@pytest.mark.usefixtures("at_any_hour")
def test_each_no_is_told_that_comes_where_there_was_none(reading: Reading) -> None:
    counts = []
    for place, answer in ((1, "no"), (1, "no"), (2, "no"), (1, "yes"), (2, "yes"), (1, "no"), (1, "yes"), (2, "no")):
        reading.says(place, answer)
        counts.append(told())
    assert counts == [1, 1, 1, 1, 1, 2, 2, 3]
    outbox.deliver(at=reading.clock())
    assert CapturedEmail.objects.filter(to=reading.clinic.prescriber.user.email).count() == 3


def test_a_no_of_this_course_is_told_though_there_was_one_in_the_last(reading: Reading) -> None:
    reading.says(1, "no")
    reading.enter(Discontinued("r"), ENROLLED)
    reading.says(1, "no")
    assert told() == 2


def test_a_no_to_the_whole_is_told_once_a_record(reading: Reading) -> None:
    key = str(uuid4())
    for again in (key, key, str(uuid4())):
        assert reading.client.post("/patient/sign/birth-defects/no/", {"key": again}).status_code == 302
    assert told() == 2


def test_two_windows_lose_no_answer(reading: Reading) -> None:
    """Each knew only of its own when it was opened."""
    one: dict[str, Any] = {
        "patient": reading.patient.pk,
        "by": Actor(reading.user.pk, PATIENT, reading.patient.pk),
        "what": "x",
        "at": reading.clock(),
    }
    drafts.save(**one, answers={"a": True}, key=uuid4())
    drafts.save(**one, answers={"b": True}, key=uuid4())
    assert drafts.read(patient=reading.patient.pk, account=reading.user.pk, what="x") == {"a": True, "b": True}


# --- what is signed was on the screen --------------------------------------------------------------
@pytest.mark.parametrize(("code", "language"), by_turns(["patient-information", "birth-defects"], ["en", "es"]))
def test_nobody_gets_to_the_signature_past_a_part_of_the_text(reading: Reading, code: str, language: str) -> None:
    """By the addresses alone, without the overview: introduction, headings, texts, statements, and the title.

    Each part of a point is on the point's own page; title and introduction are on the overview too.
    """
    document = documents.load(code, 2, language)
    place, seen = f"/patient/sign/{code}/{language}/1/", ""
    while not place.endswith("/signature/"):
        page = reading.client.get(place).content.decode()
        number = int(place.rstrip("/").rpartition("/")[2])
        assert (escape(document.introduction) in page) is (number == 1), place
        assert [part for part in parts_of(document.items[number - 1]) if escape(part) not in page] == [], place
        seen += page
        answer = {"answer": "yes", "key": str(uuid4())} | brought_by(place, page)
        place = reading.client.post(place, answer)["Location"]
    seen += reading.client.get(place).content.decode()
    parts = [document.title, document.introduction]
    parts += [part for item in document.items for part in parts_of(item)]
    assert [part for part in parts if escape(part) not in seen] == []
    overview = reading.client.get(f"/patient/sign/{code}/", headers={"Accept-Language": language}).content.decode()
    assert [part for part in parts[:2] if escape(part) not in overview] == []


def parts_of(item: documents.Item) -> tuple[str, str, str]:
    return item.heading, item.text, item.statement
