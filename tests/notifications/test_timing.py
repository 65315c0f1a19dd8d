"""When a message goes: urgent ones and answers at any hour, all others not at night, the last call at nine."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Min

import outbox
from accounts.models import User
from accounts.roles import PRESCRIBER
from notifications import worker_health
from notifications.kinds import AT_ONCE, KINDS
from notifications.recipients import Recipient
from notifications.rendering import Content, ForReader
from notifications.sweep import sweep
from notifications.timing import timing_of
from outbox import Later
from outbox.models import CapturedEmail, Message
from patients.models import Invitation, Patient
from tests import factories
from tests.histories import ClinicFactory
from ui import zone

pytestmark = pytest.mark.django_db

#: Two days before the end of the ready patient's window, which ends with 19 December.
CLOSING = datetime(2026, 12, 18, 5, tzinfo=UTC)
#: Half past ten in the evening in New York.
NIGHT = datetime(2026, 12, 16, 3, 30, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.fixture
def clinic(settings: Any) -> ClinicFactory:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    return ClinicFactory()


def letter(side: str, *, where: str = "", over_at: datetime | None = None) -> ForReader:
    to = Recipient(str(factories.officer().pk), "ana@example.org", zone=zone.zone_named(where))
    return ForReader(
        "ana@example.org", "Subject", "Body", reader=to, side=side, content=Content(over_at=over_at), text="Text"
    )


def timed(code: str, found: ForReader, when: datetime) -> object:
    return timing_of(KINDS[code])(Message(kind=code, due_at=when, enqueued_at=when), found, when)


@pytest.mark.parametrize("code", KINDS)
def test_at_night_goes_what_is_urgent_or_an_answer_and_nothing_else(code: str) -> None:
    """Also where it is a message to a practice: what is not for its digest is not for the night either."""
    kind = KINDS[code]
    side = next((one for one in kind.to if one != PRESCRIBER), PRESCRIBER)
    found = letter(side)
    when = timed(code, found, NIGHT)
    if kind.urgent or kind.goes == AT_ONCE:
        assert when is found
    elif side == PRESCRIBER:
        assert when == Later(at("2026-12-16T07:30-05:00"))
    else:
        assert when == Later(at("2026-12-16T08:00-05:00"))


#: A reader's zone, when a message is due, until when it makes sense, and when it goes. None: never.
GOES = {
    "by day": ("", "2026-12-15T12:00-05:00", None, "2026-12-15T12:00-05:00"),
    "no zone is known: by the program's": ("", "2026-12-15T21:00-05:00", None, "2026-12-16T08:00-05:00"),
    "by the reader's": ("America/Los_Angeles", "2026-12-15T23:00-05:00", None, "2026-12-15T23:00-05:00"),
    "their night is our noon": ("Pacific/Auckland", "2026-12-15T08:00-05:00", None, "2026-12-15T14:00-05:00"),
    "over by the morning": ("", "2026-12-15T22:00-05:00", "2026-12-16T00:00-05:00", "2026-12-15T22:00-05:00"),
    "over at eight itself": ("", "2026-12-15T22:00-05:00", "2026-12-16T08:00-05:00", "2026-12-15T22:00-05:00"),
    "over a minute later": ("", "2026-12-15T22:00-05:00", "2026-12-16T08:01-05:00", "2026-12-16T08:00-05:00"),
    "over": ("", "2026-12-15T12:00-05:00", "2026-12-15T12:00-05:00", None),
    "the night of the spring change": ("", "2027-03-14T01:00-05:00", None, "2027-03-14T08:00-04:00"),
    "the night of the autumn change": ("", "2026-11-01T01:00-04:00", None, "2026-11-01T08:00-05:00"),
    "the southern one": ("America/Santiago", "2026-09-05T23:00-04:00", None, "2026-09-06T08:00-03:00"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOES)
def test_the_readers_night_is_left_alone(name: str) -> None:
    where, due, until, goes = GOES[name]
    found = letter("patient", where=where, over_at=at(until) if until else None)
    answer = timed("supply-ending", found, at(due))
    expected = None if goes is None else found if goes == due else Later(at(goes))
    assert answer == expected


#: A reader's zone, and when each of the three reminders goes while the ready patient's window closes.
CLOSES = {
    "": ("2026-12-18T08:00-05:00", "2026-12-19T08:00-05:00", "2026-12-19T09:00-05:00"),
    "America/Los_Angeles": ("2026-12-18T08:00-08:00", "2026-12-19T08:00-08:00", "2026-12-19T09:00-08:00"),
    "Pacific/Honolulu": ("2026-12-17T19:00-10:00", "2026-12-18T19:00-10:00", "2026-12-19T09:00-10:00"),
    "Europe/Madrid": ("2026-12-18T08:00+01:00", "2026-12-19T08:00+01:00", "2026-12-19T09:00+01:00"),
    "America/Santiago": ("2026-12-18T08:00-03:00", "2026-12-19T08:00-03:00", "2026-12-19T09:00-03:00"),
    "Pacific/Auckland": ("2026-12-18T18:00+13:00", "2026-12-19T18:00+13:00", "2026-12-20T09:00+13:00"),
}


@pytest.mark.parametrize("where", CLOSES)
def test_a_window_closes_by_the_clock_of_the_patient(clinic: ClinicFactory, where: str) -> None:
    patient = clinic.ready()
    user = factories.account("patient")
    User.objects.filter(pk=user.pk).update(zone=where)
    Patient.objects.filter(pk=patient.pk).update(user=user, email=user.email)
    Message.objects.all().delete()
    goes = [at(one) for one in CLOSES[where]]
    # Whatever goes too early goes a minute before at the latest; whatever goes again, half an hour later.
    around = {one + timedelta(minutes=minutes) for one in goes for minutes in (-1, 0, 30)}
    for when in sorted({CLOSING, *around, CLOSING + timedelta(hours=47.5)}):
        sweep(at=when)
        outbox.deliver(at=when)
    rows = Message.objects.filter(kind="window-closing").order_by("delivered_at")
    assert [row.delivered_at for row in rows] == goes
    assert {row.attempts for row in rows} == {1}
    assert CapturedEmail.objects.filter(to=user.email).count() == 3


def test_a_worker_that_comes_back_on_the_last_day_sends_the_last_call_alone(clinic: ClinicFactory) -> None:
    """What it says takes the place of what was to be said before it."""
    Patient.objects.filter(pk=clinic.ready().pk).update(email="ana@example.org")
    Message.objects.all().delete()
    late = at("2026-12-19T10:00-05:00")
    sweep(at=late)
    assert outbox.deliver(at=late) == 1
    sent = Message.objects.get(kind="window-closing", outcome="delivered")
    assert "window-closing-last" in sent.key


def test_what_is_put_off_was_not_tried_and_alarms_nobody(clinic: ClinicFactory) -> None:
    Patient.objects.filter(pk=clinic.ready().pk).update(email="ana@example.org")
    Message.objects.all().delete()
    sweep(at=CLOSING)
    assert outbox.deliver(at=CLOSING) == 0
    row = Message.objects.get()
    assert (row.attempts, row.next_attempt_at, row.outcome) == (0, at("2026-12-18T08:00-05:00"), "")
    assert not worker_health._undelivered(CLOSING + timedelta(hours=7), None)
    assert worker_health._messages().aggregate(first=Min("since"))["first"] == row.next_attempt_at
    assert worker_health._undelivered(at("2026-12-18T08:10-05:00"), None)
    # Nothing goes a second before, and nothing twice after.
    assert outbox.deliver(at=row.next_attempt_at - timedelta(seconds=1)) == 0
    assert [outbox.deliver(at=row.next_attempt_at) for _ in range(2)] == [1, 0]


#: The practice's zone, when it invites, and when the invitation goes to somebody whose zone nobody knows.
INVITED = {
    "by day": ("America/New_York", "2026-12-15T12:00-05:00", "2026-12-15T12:00-05:00"),
    "at night": ("America/New_York", "2026-12-15T22:00-05:00", "2026-12-16T08:00-05:00"),
    "in the practice's day": ("Pacific/Honolulu", "2026-12-15T17:00-10:00", "2026-12-15T17:00-10:00"),
}


@pytest.mark.parametrize("name", INVITED)
def test_an_invitation_goes_at_once_in_the_practices_day(clinic: ClinicFactory, name: str) -> None:
    where, sent, goes = INVITED[name]
    patient = factories.patient(clinic.prescriber)
    User.objects.filter(pk=clinic.prescriber.user_id).update(zone=where)
    Patient.objects.filter(pk=patient.pk).update(email="ana@example.org", user=None)
    expires = at(sent) + timedelta(days=14)
    row = Invitation.objects.create(patient=patient, sent_at=at(sent), expires_at=expires)
    message = Message(
        key="invitation", kind="invitation", subject=patient.pk, data={"invitation": str(row.pk)}, due_at=at(sent)
    )
    outbox.enqueue([message], at=at(sent))
    assert outbox.deliver(at=at(sent)) == (sent == goes)
    outbox.deliver(at=at(goes))
    assert Message.objects.get(kind="invitation").delivered_at == at(goes)


def test_days_are_named_by_the_readers_clock_beside_the_programs(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    user = factories.account("patient")
    User.objects.filter(pk=user.pk).update(zone="Pacific/Auckland")
    Patient.objects.filter(pk=patient.pk).update(user=user, email=user.email)
    Message.objects.all().delete()
    sweep(at=CLOSING)
    outbox.deliver(at=CLOSING)
    body = CapturedEmail.objects.get(to=user.email).body
    assert "December 19, New York time" in body
    assert "(Sun, Dec 20, 6:00 PM where you are)" in body


def test_every_kind_says_when_it_goes() -> None:
    assert {kind.code for kind in KINDS.values() if kind.in_digest} >= {"window-closing", "declined", "test-due"}
    for kind in KINDS.values():
        assert not (kind.in_digest and kind.at_any_hour)
