"""The digest: one letter a morning to each reader at a practice, of what is due and can wait until then."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import outbox
from accounts.models import User
from accounts.roles import PRESCRIBER
from compliance.commands import delegation
from compliance.rules.records import ConsentWithdrawn, PregnancyReported, Transferred
from compliance.words import digest_lines, notices
from ledger.actor import Actor
from notifications import renderers
from notifications.kinds import KINDS
from notifications.sweep import sweep
from outbox import delivery
from outbox.models import CapturedEmail, Message
from patients.models import Patient, Prescriber
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from ui.numbers import patient_number

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


#: 48 hours before the ready patient's window ends, and the morning of that day.
CLOSING = at("2026-12-18T00:00-05:00")
MORNING = at("2026-12-18T07:30-05:00")


@pytest.fixture
def clinic(settings: Any) -> ClinicFactory:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    return ClinicFactory()


def due(clinic: ClinicFactory, count: int) -> list[Patient]:
    """Patients whose window closes on patient and practice."""
    patients = [clinic.ready_until(ConsentWithdrawn("birth-defects")) for _ in range(count)]
    Message.objects.all().delete()
    sweep(at=CLOSING)
    # To the practice alone.
    Message.objects.exclude(data__to="prescriber").delete()
    return patients


def cover(clinic: ClinicFactory, delegate: Prescriber) -> None:
    by = Actor(clinic.prescriber.user_id, PRESCRIBER, clinic.prescriber.pk)
    delegation.add_delegate(prescriber=clinic.prescriber, delegate=delegate, by=by, at=NOW, key=uuid4())


def letters(to: Prescriber) -> list[CapturedEmail]:
    return list(CapturedEmail.objects.filter(to=to.user.email).order_by("id"))


def test_a_prescriber_with_seventeen_patients_due_gets_one_letter(clinic: ClinicFactory) -> None:
    patients = due(clinic, 17)
    Patient.objects.update(given_name="Anabel", family_name="Mora")
    assert outbox.deliver(at=CLOSING) == 0
    assert outbox.deliver(at=MORNING - timedelta(seconds=1)) == 0
    assert outbox.deliver(at=MORNING) == 1
    assert [outbox.deliver(at=MORNING + timedelta(hours=hours)) for hours in (0, 1, 23, 24)] == [0, 0, 0, 0]
    (letter,) = letters(clinic.prescriber)
    for patient in patients:
        row = Patient.objects.get(pk=patient.pk)
        assert letter.body.count(f"{patient_number(row.number)} ({row.given_name[0]}. {row.family_name[0]}.): ") == 1
        assert letter.body.count(f"/prescriber/patients/{patient.pk}/") == 1
        assert row.given_name not in letter.body
        assert row.family_name not in letter.body
    assert letter.body.count("Until the end of December 19, New York time:") == 1
    assert "The patient's part is still open." in letter.body
    assert [word for word in notices.FORBIDDEN if word in f"{letter.subject} {letter.body}".lower()] == []
    lines = Message.objects.exclude(digest=None)
    assert {(line.delivered_at, line.outcome) for line in lines} == {(MORNING, "delivered")}
    assert lines.count() == 17


def queries_of(count: int, clinic: ClinicFactory) -> tuple[int, int]:
    due(clinic, count)
    outbox.deliver(at=CLOSING)
    with CaptureQueriesContext(connection) as done:
        assert outbox.deliver(at=MORNING) == 1
    return len(done), sum("FROM ledger_record" in one["sql"] for one in done.captured_queries)


def test_the_number_of_queries_does_not_grow_with_the_lines(clinic: ClinicFactory) -> None:
    """And of the log there is one."""
    few = queries_of(1, clinic)
    CapturedEmail.objects.all().delete()
    rows = Message.objects.all()
    rows.update(digest=None)
    rows.delete()
    many = queries_of(17, ClinicFactory(NOW))
    assert many == few
    assert many[1] == 1


def test_everybody_who_covers_gets_one_too_in_their_language(clinic: ClinicFactory) -> None:
    due(clinic, 2)
    cover(clinic, clinic.other)
    User.objects.filter(pk=clinic.other.user_id).update(language="es")
    outbox.deliver(at=CLOSING)
    assert outbox.deliver(at=MORNING) == 2
    assert len(letters(clinic.prescriber)) == 1
    (letter,) = letters(clinic.other)
    assert "Hasta el final del 19 de diciembre, hora de Nueva York:" in letter.body
    assert letter.body.count("Falta la parte del paciente.") == 2


#: The zone of the prescriber, and when the morning's letter goes of what falls due at midnight in New York.
ZONES = {
    "": "2026-12-18T07:30-05:00",
    "America/Chicago": "2026-12-18T07:30-06:00",
    "America/Santiago": "2026-12-18T07:30-03:00",
    "Pacific/Auckland": "2026-12-19T07:30+13:00",
}


@pytest.mark.parametrize("where", ZONES)
def test_it_goes_at_half_past_seven_of_the_practice(clinic: ClinicFactory, where: str) -> None:
    """Who covers reads it at that hour too, wherever they are."""
    User.objects.filter(pk=clinic.prescriber.user_id).update(zone=where)
    User.objects.filter(pk=clinic.other.user_id).update(zone="Asia/Tokyo")
    cover(clinic, clinic.other)
    due(clinic, 1)
    outbox.deliver(at=CLOSING)
    goes = at(ZONES[where])
    assert set(Message.objects.filter(kind="digest").values_list("next_attempt_at", flat=True)) == {goes}
    assert outbox.deliver(at=goes - timedelta(seconds=1)) == 0
    assert outbox.deliver(at=goes) == 2


@pytest.mark.parametrize(
    ("night", "morning"),
    [
        ("2027-03-13T23:00-05:00", "2027-03-14T07:30-04:00"),
        ("2026-10-31T23:00-04:00", "2026-11-01T07:30-05:00"),
        ("2026-11-01T01:30-05:00", "2026-11-01T07:30-05:00"),
    ],
)
def test_the_mornings_of_both_clock_changes(clinic: ClinicFactory, night: str, morning: str) -> None:
    declined(clinic, at(night))
    outbox.deliver(at=at(night))
    assert Message.objects.get(kind="digest").due_at == at(morning)
    assert outbox.deliver(at=at(morning)) == 1


def declined(clinic: ClinicFactory, when: datetime, patient: Patient | None = None) -> Patient:
    """Something of which a command told the practice."""
    patient = patient or clinic.ready()
    Message.objects.filter(subject=patient.pk).exclude(kind="declined").delete()
    row = Message(key=f"declined:{uuid4()}", kind="declined", subject=patient.pk, due_at=when, data={})
    outbox.enqueue([row], at=when)
    return patient


def test_a_line_that_is_due_no_more_is_left_out_and_without_one_nothing_goes(clinic: ClinicFactory) -> None:
    gone, kept = due(clinic, 2)
    outbox.deliver(at=CLOSING)
    clinic.enter(gone, PregnancyReported(), at=CLOSING + timedelta(hours=1))
    Message.objects.filter(kind__startswith="stop").delete()
    assert outbox.deliver(at=MORNING) == 1
    (letter,) = letters(clinic.prescriber)
    assert patient_number(Patient.objects.get(pk=gone.pk).number) not in letter.body
    assert patient_number(Patient.objects.get(pk=kept.pk).number) in letter.body
    line = Message.objects.get(subject=gone.pk, kind="window-closing")
    assert (line.outcome, line.delivered_at) == ("not-wanted", None)


def test_without_a_line_nothing_goes(clinic: ClinicFactory) -> None:
    (patient,) = due(clinic, 1)
    outbox.deliver(at=CLOSING)
    clinic.enter(patient, PregnancyReported(), at=CLOSING + timedelta(hours=1))
    Message.objects.filter(kind__startswith="stop").delete()
    assert outbox.deliver(at=MORNING) == 0
    assert letters(clinic.prescriber) == []
    assert set(Message.objects.values_list("outcome", flat=True)) == {"not-wanted"}


def test_what_would_be_over_by_then_goes_at_once_and_alone(clinic: ClinicFactory) -> None:
    """A window that ends in the night: the worker was away until eight in the morning of its last day."""
    due(clinic, 1)
    Message.objects.all().delete()
    last = at("2026-12-19T08:00-05:00")
    sweep(at=last)
    Message.objects.exclude(data__to="prescriber").delete()
    assert outbox.deliver(at=last) == 1
    nine = at("2026-12-19T09:00-05:00")
    assert outbox.deliver(at=nine) == 1
    assert {one.subject for one in letters(clinic.prescriber)} == {
        "Something to do in Clearfill until December 19, New York time"
    }
    assert not Message.objects.filter(kind="digest").exists()


def test_the_same_thing_stands_in_it_once(clinic: ClinicFactory) -> None:
    """On the last day the last two reminders of a window are due."""
    (patient,) = due(clinic, 1)
    Message.objects.all().delete()
    sweep(at=CLOSING + timedelta(days=1))
    Message.objects.exclude(data__to="prescriber").delete()
    outbox.deliver(at=CLOSING + timedelta(days=1))
    assert outbox.deliver(at=MORNING + timedelta(days=1)) == 1
    (letter,) = letters(clinic.prescriber)
    assert letter.body.count(str(patient.pk)) == 1
    assert Message.objects.exclude(digest=None).filter(outcome="delivered").count() == 2


def test_what_closes_first_comes_first(clinic: ClinicFactory) -> None:
    (closing,) = due(clinic, 1)
    asking = declined(clinic, CLOSING)
    outbox.deliver(at=CLOSING)
    outbox.deliver(at=MORNING)
    (letter,) = letters(clinic.prescriber)
    places = [letter.body.index(str(one)) for one in (closing.pk, digest_lines.NO_DAY, asking.pk)]
    assert places == sorted(places)


def test_a_crash_doubles_nothing(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between sending and noting it: the second one is the same e-mail."""
    due(clinic, 2)
    outbox.deliver(at=CLOSING)

    def ends(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_note", ends)
        with pytest.raises(SystemExit):
            outbox.deliver(at=MORNING)
    assert len(letters(clinic.prescriber)) == 1
    assert outbox.deliver(at=MORNING) == 0
    assert outbox.deliver(at=MORNING + timedelta(minutes=1)) == 1
    assert len(letters(clinic.prescriber)) == 1
    assert Message.objects.filter(kind="digest").count() == 1


def test_what_falls_due_after_it_was_claimed_goes_the_next_morning(clinic: ClinicFactory) -> None:
    """Also while it fails: nobody gets two of a day."""
    patient = declined(clinic, CLOSING)
    outbox.deliver(at=CLOSING)

    def fails(*_: object) -> None:
        raise OSError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery, "_send", fails)
        outbox.deliver(at=MORNING)
    declined(clinic, MORNING, patient)
    outbox.deliver(at=MORNING)
    assert set(Message.objects.filter(kind="digest").values_list("due_at", flat=True)) == {
        MORNING, MORNING + timedelta(days=1),
    }  # fmt: skip
    assert outbox.deliver(at=MORNING + timedelta(minutes=1)) == 1
    assert outbox.deliver(at=MORNING + timedelta(days=1)) == 1
    assert len(letters(clinic.prescriber)) == 2


#: When the worker comes back, and when what fell due at midnight goes: in a letter of that morning.
LATE = {
    "at noon": ("2026-12-18T12:00-05:00", "2026-12-18T12:00-05:00"),
    "in the evening": ("2026-12-18T20:00-05:00", "2026-12-18T20:00-05:00"),
    "at night": ("2026-12-18T23:00-05:00", "2026-12-19T07:30-05:00"),
    "two days later": ("2026-12-20T12:00-05:00", "2026-12-20T12:00-05:00"),
}


@pytest.mark.parametrize("name", LATE)
def test_a_worker_that_was_away_in_the_morning_sends_it_late_but_not_at_night(clinic: ClinicFactory, name: str) -> None:
    back, goes = map(at, LATE[name])
    declined(clinic, CLOSING)
    sent = outbox.deliver(at=back)
    assert sent == (back == goes)
    outbox.deliver(at=goes)
    assert Message.objects.get(kind="digest").delivered_at == goes


def test_a_late_one_takes_all_that_has_waited_for_it(clinic: ClinicFactory) -> None:
    """More than are claimed at once."""
    due(clinic, delivery.BATCH + 2)
    assert outbox.deliver(at=MORNING + timedelta(hours=2)) == 1
    assert Message.objects.filter(outcome="delivered").exclude(digest=None).count() == delivery.BATCH + 2


def test_one_that_was_claimed_too_late_waits_for_the_morning(clinic: ClinicFactory) -> None:
    declined(clinic, CLOSING)
    outbox.deliver(at=CLOSING)
    assert outbox.deliver(at=at("2026-12-18T23:00-05:00")) == 0
    assert outbox.deliver(at=at("2026-12-19T08:00-05:00")) == 1


def test_whoever_is_there_now_gets_it_where_its_reader_is_gone(clinic: ClinicFactory) -> None:
    due(clinic, 1)
    outbox.deliver(at=CLOSING)
    cover(clinic, clinic.other)
    User.objects.filter(pk=clinic.prescriber.user_id).update(is_active=False)
    for when in (MORNING, MORNING + timedelta(days=1)):
        outbox.deliver(at=when)
    assert letters(clinic.prescriber) == []
    assert len(letters(clinic.other)) == 1


def test_a_patient_who_was_handed_over_stands_in_the_new_prescribers_letter(clinic: ClinicFactory) -> None:
    (patient,) = due(clinic, 1)
    outbox.deliver(at=CLOSING)
    clinic.enter(patient, Transferred(str(clinic.other.pk)), at=CLOSING + timedelta(hours=1))
    outbox.deliver(at=CLOSING + timedelta(hours=1))
    outbox.deliver(at=MORNING)
    assert letters(clinic.prescriber) == []
    assert len(letters(clinic.other)) == 1


def test_a_line_that_cannot_be_asked_keeps_the_others_from_nothing(
    clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = due(clinic, 2)
    outbox.deliver(at=CLOSING)
    asked: Callable[..., Any] = renderers.LINES["window-closing"]

    def poisoned(line: Message, *rest: Any) -> Any:
        if line.subject == bad.pk:
            raise ValueError
        return asked(line, *rest)

    monkeypatch.setitem(renderers.LINES, "window-closing", poisoned)
    assert outbox.deliver(at=MORNING) == 1
    (letter,) = letters(clinic.prescriber)
    assert str(good.pk) in letter.body
    assert str(bad.pk) not in letter.body
    assert Message.objects.get(subject=bad.pk).outcome == ""


def test_a_line_becomes_what_its_digest_becomes(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    due(clinic, 1)
    outbox.deliver(at=CLOSING)
    monkeypatch.setattr(delivery, "TRIES", 1)

    def fails(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(delivery, "_send", fails)
    outbox.deliver(at=MORNING)
    line = Message.objects.exclude(digest=None).get()
    assert (line.outcome, line.dropped_at, line.last_error) == ("given-up", MORNING, "OSError")


def test_every_kind_of_a_digest_has_a_renderer_and_words_and_no_other_has() -> None:
    kinds = {kind.code for kind in KINDS.values() if kind.in_digest}
    assert set(renderers.LINES) == set(digest_lines.LINES) == kinds
    assert KINDS["digest"].to == (PRESCRIBER,)


def test_both_pages_of_messages_say_what_went_with_the_digest(clinic: ClinicFactory, clock: Clock) -> None:
    """When, and what was answered; and before that it waits."""
    (patient,) = due(clinic, 1)
    outbox.deliver(at=CLOSING)
    clock.at = MORNING + timedelta(minutes=5)
    reader = factories.as_(clinic.prescriber.user)
    page = f"/prescriber/patients/{patient.pk}/"
    outbox.deliver(at=MORNING)
    Message.objects.filter(kind="window-closing").update(answer="250 2.0.0")
    text = " ".join(reader.get(page).content.decode().split())
    assert "in a morning&#x27;s digest, by e-mail, answer <code>250 2.0.0</code>" in text
    assert 'datetime="2026-12-18T12:30:00Z"' in text
    listed = " ".join(factories.as_(factories.officer()).get("/office/delivery/").content.decode().split())
    assert listed.count("in a morning's digest") == 1
    assert "Digest of the morning" in listed
