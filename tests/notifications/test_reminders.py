"""Reminders: the four kinds are enqueued once, at their time, to the right people, and dropped when out of date."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import outbox
from compliance.models import PatientStatus
from compliance.records.rebuild import differences
from compliance.rules.records import PregnancyReported
from notifications import renderers
from notifications.sweep import sweep
from outbox import box
from outbox.models import CapturedEmail, Message
from patients.models import Invitation, Patient
from tests import factories
from tests.histories import NOW, ClinicFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_any_hour")]

#: The ready patient's window ends on 19 December; two days before its end a reminder falls due.
CLOSING = datetime(2026, 12, 18, 5, tzinfo=UTC)


@pytest.fixture
def clinic(settings: Any) -> ClinicFactory:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    return ClinicFactory()


def kinds(patient: Patient) -> list[tuple[str, str]]:
    return sorted((m.kind, m.data["to"]) for m in Message.objects.filter(subject=patient.pk))


def mail(patient: Patient) -> Patient:
    Patient.objects.filter(pk=patient.pk).update(email="ana@example.org")
    return patient


def test_the_window_closes_in_two_days(clinic: ClinicFactory) -> None:
    patient = mail(clinic.ready())
    Message.objects.all().delete()
    sweep(at=CLOSING - timedelta(seconds=1))
    assert kinds(patient) == []
    assert sweep(at=CLOSING) == 1
    assert kinds(patient) == [("window-closing", "patient")]
    assert sweep(at=CLOSING) == 0
    assert outbox.deliver(at=CLOSING) == 1
    letter = CapturedEmail.objects.get()
    assert letter.to == "ana@example.org"
    assert "December 19" in letter.subject
    assert list(differences()) == []


def test_who_has_picked_up_is_not_reminded(clinic: ClinicFactory) -> None:
    patient = mail(clinic.ready())
    sweep(at=CLOSING)
    number = clinic.authorize(patient, at=CLOSING).number
    assert number is not None
    clinic.dispense(patient, number, at=CLOSING + timedelta(minutes=1))
    assert outbox.deliver(at=CLOSING + timedelta(minutes=2)) == 0
    assert Message.objects.get(subject=patient.pk, kind="window-closing").dropped_at is not None


def test_the_next_test_is_asked_for_before_the_supply_ends(clinic: ClinicFactory) -> None:
    patient = mail(clinic.ready())
    number = clinic.authorize(patient).number
    assert number is not None
    clinic.dispense(patient, number)
    due = datetime(2027, 1, 7, 5, tzinfo=UTC)  # 23 days after the fill: a week before thirty are over
    sweep(at=due - timedelta(seconds=1))
    Message.objects.all().delete()
    assert sweep(at=due) == 1
    assert kinds(patient) == [("supply-ending", "patient"), ("test-due", "patient"), ("test-due", "prescriber")]


def test_an_expired_authorization_is_to_be_reversed(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    clinic.authorize(patient)
    Message.objects.all().delete()
    sweep(at=datetime(2026, 12, 20, 5, tzinfo=UTC))
    assert ("authorization-overdue", "pharmacy") in kinds(patient)


def test_a_void_one_at_once(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    number = clinic.authorize(patient).number
    clinic.enter(patient, PregnancyReported())
    assert ("authorization-overdue", "pharmacy") in kinds(patient)
    assert number is not None
    clinic.reverse(patient, number)
    outbox.deliver(at=NOW + timedelta(minutes=1))
    assert Message.objects.get(kind="authorization-overdue").dropped_at is not None


def test_failed_message_is_sent_again_later(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    mail(clinic.ready())
    sweep(at=CLOSING)
    Message.objects.exclude(kind="window-closing").delete()
    kept = dict(box._RENDERERS)

    def broken(message: Message, at: datetime) -> None:
        raise OSError("no route")

    monkeypatch.setitem(box._RENDERERS, "window-closing", broken)
    assert outbox.deliver(at=CLOSING) == 0
    message = Message.objects.get()
    assert (message.attempts, message.last_error) == (1, "OSError")
    assert outbox.deliver(at=CLOSING) == 0
    assert Message.objects.get().attempts == 1
    monkeypatch.setitem(box._RENDERERS, "window-closing", kept["window-closing"])
    assert outbox.deliver(at=message.next_attempt_at) == 1


def test_second_delivery_after_a_crash_has_the_same_message_id(clinic: ClinicFactory) -> None:
    mail(clinic.ready())
    sweep(at=CLOSING)
    Message.objects.exclude(kind="window-closing").delete()
    outbox.deliver(at=CLOSING)
    Message.objects.update(delivered_at=None)
    outbox.deliver(at=CLOSING)
    assert CapturedEmail.objects.count() == 1


def test_an_invitation_names_its_last_day_in_the_programs_time() -> None:
    sent = datetime(2026, 12, 15, 2, tzinfo=UTC)  # still the 14th in New York
    patient = factories.patient(factories.prescriber())
    Patient.objects.filter(pk=patient.pk).update(email="ana@example.org")
    row = Invitation.objects.create(patient=patient, sent_at=sent, expires_at=sent + timedelta(days=14))
    letter = renderers.invitation(Message(kind="invitation", data={"invitation": str(row.pk)}), sent)
    assert letter is not None
    assert "until December 28." in letter.body


#: What a row names that another release worked out, and whether it is looked at as one that only waits for the sweep.
RELEASES = {
    "before notices had a version": ("2021.1,2023.1,2026.1", True),
    "with earlier notices": ("2021.1,2023.1,2026.1;due.1", True),
    "with other editions": ("2021.1,2023.1;due.1", False),
    "with later notices": ("2021.1,2023.1,2026.1;due.99", False),
    "nonsense": ("2021.1,2023.1,2026.1;due.x", False),
}


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_with_other_notices_makes_every_row_due(clinic: ClinicFactory, name: str) -> None:
    """And no operator is told that what waits for the sweep differs."""
    editions, only_waits = RELEASES[name]
    patient = clinic.ready()
    PatientStatus.objects.update(editions=editions, next_due_at=None)
    assert list(differences()) == ([] if only_waits else [(patient.pk, "editions, next_due_at")])
    assert sweep(at=NOW) == 1
    assert sweep(at=NOW) == 0
    assert list(differences()) == []
