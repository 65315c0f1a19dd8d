"""Who of a side gets a message: decided when it is rendered, each person once, whoever comes and goes between."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import outbox
from accounts.models import User
from accounts.roles import GUARDIAN, PRESCRIBER
from compliance.commands import delegation
from compliance.rules.records import ConsentWithdrawn, GuardianEnded, PregnancyReported, Transferred
from compliance.words.notices import words_of
from ledger import access_log
from ledger.actor import Actor
from notifications import recipients, rendering
from notifications.recipients import Recipient
from notifications.rendering import Content
from notifications.sweep import sweep
from outbox import box
from outbox.models import CapturedEmail, Message
from patients.models import Delegate, Guardian, Invitation, Patient, Prescriber
from tests import factories
from tests.histories import NOW, ClinicFactory
from ui.numbers import patient_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_any_hour")]

#: 48 hours before the ready patient's window ends.
CLOSING = datetime.fromisoformat("2026-12-18T00:00-05:00")


@pytest.fixture
def clinic(settings: Any) -> ClinicFactory:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    return ClinicFactory()


def told(subject: str) -> list[str]:
    return sorted(CapturedEmail.objects.filter(subject__startswith=subject).values_list("to", flat=True))


def cover(clinic: ClinicFactory, delegate: Prescriber) -> None:
    by = Actor(clinic.prescriber.user_id, PRESCRIBER, clinic.prescriber.pk)
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=delegate, by=by, at=NOW, key=uuid4())


def unsigned(clinic: ClinicFactory) -> Patient:
    """A patient who took a consent back: the window closes on patient and practice."""
    patient = clinic.ready()
    clinic.enter(patient, ConsentWithdrawn("birth-defects"))
    Message.objects.all().delete()
    sweep(at=CLOSING)
    return patient


CLOSES = "Something to do in Clearfill until"


def test_who_covers_gets_it_too(clinic: ClinicFactory) -> None:
    unsigned(clinic)
    cover(clinic, clinic.other)
    outbox.deliver(at=CLOSING)
    assert told(CLOSES) == sorted([clinic.prescriber.user.email, clinic.other.user.email])
    assert Message.objects.filter(kind="window-closing", data__to="prescriber").count() == 2


def test_nobody_gets_a_second_one_however_often_it_is_tried(
    clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsigned(clinic)
    cover(clinic, clinic.other)
    with monkeypatch.context() as patch:
        patch.setattr("outbox.delivery._send", broken)
        outbox.deliver(at=CLOSING)
    # Who covers has changed before it is tried again.
    Delegate.objects.update(ended_at=CLOSING)
    third = factories.prescriber()
    cover(clinic, third)
    for minutes in (2, 20, 200):
        outbox.deliver(at=CLOSING + timedelta(minutes=minutes))
    assert told(CLOSES) == [clinic.prescriber.user.email]
    assert Message.objects.filter(data__recipient=str(clinic.other.user_id)).get().dropped_at is not None


def broken(*_: object) -> None:
    raise OSError


def test_those_who_are_there_now_get_it_where_the_one_who_took_it_is_gone(
    clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsigned(clinic)
    with monkeypatch.context() as patch:
        patch.setattr("outbox.delivery._send", broken)
        outbox.deliver(at=CLOSING)
    cover(clinic, clinic.other)
    User.objects.filter(pk=clinic.prescriber.user_id).update(is_active=False)
    for minutes in (2, 20):
        outbox.deliver(at=CLOSING + timedelta(minutes=minutes))
    assert told(CLOSES) == [clinic.other.user.email]


def test_a_transfer_between_tells_the_new_prescriber_and_drops_what_waits_for_the_old_one(
    clinic: ClinicFactory,
) -> None:
    patient = unsigned(clinic)
    later = CLOSING + timedelta(hours=1)
    clinic.enter(patient, Transferred(str(clinic.other.pk)), at=later)
    outbox.deliver(at=later)
    assert told(CLOSES) == [clinic.other.user.email]


def test_a_transfer_afterwards_tells_the_new_prescriber_what_the_old_one_was_told(clinic: ClinicFactory) -> None:
    patient = unsigned(clinic)
    outbox.deliver(at=CLOSING)
    clinic.enter(patient, Transferred(str(clinic.other.pk)), at=CLOSING + timedelta(hours=1))
    outbox.deliver(at=CLOSING + timedelta(hours=1))
    assert told(CLOSES) == sorted([clinic.prescriber.user.email, clinic.other.user.email])


def test_who_covered_and_takes_the_patient_over_is_told_once(clinic: ClinicFactory) -> None:
    patient = unsigned(clinic)
    cover(clinic, clinic.other)
    outbox.deliver(at=CLOSING)
    both = sorted([clinic.prescriber.user.email, clinic.other.user.email])
    assert told(CLOSES) == both
    # And who had the patient covers for them from now on.
    by = Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk)
    delegation.add_delegate(prescriber=clinic.other, delegate=clinic.prescriber, by=by, at=NOW, key=uuid4())
    for hours, to in ((1, clinic.other), (2, clinic.prescriber), (3, clinic.other)):
        clinic.enter(patient, Transferred(str(to.pk)), at=CLOSING + timedelta(hours=hours))
        outbox.deliver(at=CLOSING + timedelta(hours=hours))
    assert told(CLOSES) == both


def test_a_prescriber_is_written_to_by_one_row_where_nobody_covers(clinic: ClinicFactory) -> None:
    unsigned(clinic)
    outbox.deliver(at=CLOSING)
    row = Message.objects.get(kind="window-closing", data__to="prescriber")
    assert row.data["recipient"] == str(clinic.prescriber.user_id)


def test_every_guardian_gets_it_who_still_is_one(clinic: ClinicFactory) -> None:
    patient = clinic.ready(born_on=NOW.date().replace(year=2012))
    accounts = [factories.account(GUARDIAN) for _ in range(3)]
    guardians = [Guardian.objects.create(patient=patient, user=one, name="G", email=one.email) for one in accounts]
    clinic._enter(patient, NOW, GuardianEnded(str(guardians[0].pk), "moved"))
    User.objects.filter(pk=accounts[1].pk).update(is_active=False)
    new = Guardian.objects.create(patient=patient, name="G", email="new@example.org")
    Invitation.objects.create(patient=patient, guardian=new, sent_at=NOW, expires_at=NOW + timedelta(days=14))
    sweep(at=CLOSING)
    outbox.deliver(at=CLOSING)
    assert told("Something to sign") == sorted([accounts[2].email, "new@example.org"])
    # Who has no account yet is led to the invitation, and reads both languages.
    letter = CapturedEmail.objects.get(to="new@example.org")
    assert "/invitation/" in letter.body
    assert "Hola:" in letter.body
    assert " / Algo que firmar" in letter.subject


def test_a_stop_is_told_each_day_until_somebody_opens_it(clinic: ClinicFactory) -> None:
    officer = factories.officer()
    patient = clinic.ready()
    clinic._enter(patient, NOW, PregnancyReported())
    urgent = words_of("stop-unopened").subject
    for day in (1, 2):
        sweep(at=NOW + timedelta(days=day))
        outbox.deliver(at=NOW + timedelta(days=day))
        assert told(str(urgent)) == sorted([clinic.prescriber.user.email, officer.email] * day)
    by = Actor(clinic.prescriber.user_id, PRESCRIBER, clinic.prescriber.pk)
    access_log.add(patient.pk, by=by, what="offers", why="offered", at=NOW + timedelta(hours=1))
    access_log.add(patient.pk, by=by, what="patient", why="own", at=NOW + timedelta(days=2, hours=1))
    sweep(at=NOW + timedelta(days=3))
    outbox.deliver(at=NOW + timedelta(days=3))
    assert len(told(str(urgent))) == 4


def test_a_message_of_the_release_before_is_not_sent_again(clinic: ClinicFactory) -> None:
    """Its key is that of today, for each side of the kinds that there were."""
    patient = clinic.ready()
    clinic.enter(patient, ConsentWithdrawn("birth-defects"))
    Message.objects.all().delete()
    first = "2026-12-13"
    old = [f"{patient.pk}:window-closing:{first}:{side}" for side in ("patient", "prescriber")]
    box.enqueue([Message(key=key, kind="window-closing", due_at=CLOSING) for key in old], at=CLOSING)
    Message.objects.update(delivered_at=CLOSING)
    sweep(at=CLOSING)
    assert sorted(Message.objects.filter(kind="window-closing").values_list("key", flat=True)) == sorted(old)


def test_dividing_asks_no_more_queries_for_more_people(clinic: ClinicFactory) -> None:
    unsigned(clinic)
    row = Message.objects.get(kind="window-closing", data__to="prescriber")

    def asked() -> int:
        who = recipients.about(row.subject)
        assert who is not None
        with CaptureQueriesContext(connection) as queries:
            assert who.practice
        return len(queries)

    before = asked()
    for _ in range(3):
        cover(clinic, factories.prescriber())
    assert asked() == before


ZONED = Recipient("", "a@example.org", zone=ZoneInfo("America/Los_Angeles"))


@pytest.mark.parametrize(
    ("kind", "is_first", "expected"),
    [
        ("window-closing", False, "until the end of December 19, New York time (9:00 PM where you are)."),
        ("lead-in-ending", True, "From December 19, New York time (Fri, Dec 18, 9:00 PM where you are)"),
    ],
)
def test_a_day_stands_in_the_readers_own_time_beside_the_programs(kind: str, is_first: bool, expected: str) -> None:
    content = Content(on=date(2026, 12, 19), is_first=is_first)
    assert expected in rendering.render(words_of(kind), ZONED, "patient", content).body
    here = Recipient("", "a@example.org", zone=ZoneInfo("America/New_York"))
    assert "where you are" not in rendering.render(words_of(kind), here, "patient", content).body


def test_a_day_is_written_in_the_readers_language() -> None:
    to = Recipient("", "a@example.org", language="es")
    content = Content(on=date(2026, 12, 19))
    found = rendering.render(words_of("window-closing"), to, "patient", content)
    assert found.subject == "Algo que hacer en Clearfill hasta el 19 de diciembre, hora de Nueva York"


def test_an_invitation_is_in_both_languages_until_one_is_known(clinic: ClinicFactory) -> None:
    patient = factories.patient(clinic.prescriber)
    Patient.objects.filter(pk=patient.pk).update(email="ana@example.org")
    row = Invitation.objects.create(patient=patient, sent_at=NOW, expires_at=NOW + timedelta(days=14))
    found = {}
    for language in ("", "en", "es"):
        Patient.objects.filter(pk=patient.pk).update(language=language)
        letter = box.renderer_of("invitation")(Message(kind="invitation", data={"invitation": str(row.pk)}), NOW)
        assert letter is not None
        assert clinic.prescriber.practice_name in letter.body
        found[language] = ("Hello," in letter.body, "Hola:" in letter.body)
    assert found == {"": (True, True), "en": (True, False), "es": (False, True)}


#: What the closing says to each reader, by who has to act.
MISSING = {
    ("patient", ("patient",)): "Your part is still open.",
    ("patient", ("prescriber",)): "Something is still open at your practice.",
    ("patient", ("guardian", "patient")): "A signature beside yours is still missing. Your part is still open.",
    ("patient", ()): "Everything is done but the pick-up at the pharmacy.",
    ("prescriber", ("patient",)): "The patient's part is still open.",
    ("prescriber", ("guardian",)): "A guardian's signature is still missing.",
}


@pytest.mark.parametrize(("side", "acts"), MISSING)
def test_the_closing_names_what_is_missing_and_who_acts(side: str, acts: tuple[str, ...]) -> None:
    content = Content(on=NOW.date(), acts=acts)
    body = rendering.render(words_of("window-closing", side), Recipient("", "a@example.org"), side, content).body
    assert f"{MISSING[side, acts]} Sign in" in body


def test_a_practice_whose_name_says_what_is_treated_is_named_by_its_telephone(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    Prescriber.objects.update(practice_name="The Acne Practice", phone="+1 212 555 0100")
    row = Patient.objects.select_related("prescriber").get(pk=patient.pk)
    body = rendering.render(words_of("test-due"), Recipient("", "a@example.org"), "patient", Content(patient=row)).body
    assert body.endswith("\n\n+1 212 555 0100")
    Prescriber.objects.update(practice_name="Dermatology on 5th")
    row = Patient.objects.select_related("prescriber").get(pk=patient.pk)
    body = rendering.render(words_of("test-due"), Recipient("", "a@example.org"), "patient", Content(patient=row)).body
    assert body.endswith("\n\nYour practice: Dermatology on 5th, phone +1 212 555 0100")


#: What somebody typed as the name of a practice, and what a message says.
NAMES = {
    "O'Neil & Sons (West), Dr. Núñez": "O'Neil & Sons (West), Dr. Núñez",
    "Visit https://evil.example/now": "Visit httpsevil. examplenow",
    "evil.example": "evil. example",
    "<b>Practice</b> {link}": "bPracticeb link",
    "a@b.example": "ab. example",
    "One\nTwo": "OneTwo",
}


@pytest.mark.parametrize("typed", NAMES)
def test_the_name_of_a_practice_makes_no_link(typed: str) -> None:
    assert rendering.harmless_name(typed) == NAMES[typed]


def test_the_telephone_of_a_practice_is_a_number() -> None:
    assert rendering.harmless_phone(" +1 (212) 555-0100 x7 https://evil.example") == "+1 (212) 555-0100 x7 .x"


@pytest.mark.parametrize(
    ("given", "family", "expected"),
    [("Ana", "Mora", " (A. M.)"), ("", "Mora", " (M.)"), ("<b>", "'Ó", " (b. Ó.)"), ("", "", "")],
)
def test_staff_read_number_and_initials(clinic: ClinicFactory, given: str, family: str, expected: str) -> None:
    patient = clinic.ready()
    Patient.objects.filter(pk=patient.pk).update(given_name=given, family_name=family)
    row = Patient.objects.get(pk=patient.pk)
    words = words_of("test-due")
    body = rendering.render(words, Recipient("", "a@example.org"), "prescriber", Content(patient=row)).body
    assert body.endswith(f"\n\nPatient: {patient_number(row.number)}{expected}")
