"""What goes in the place of a message that did not arrive: the same by the other channel, once, if there is one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

import outbox
from accounts.models import TextNumber, User
from accounts.roles import PATIENT
from compliance.rules.blockers import OFFICE
from compliance.rules.records import ConsentWithdrawn, PregnancyReported
from notifications import preferences
from notifications.preferences import Box
from notifications.sweep import sweep
from outbox import unreachable
from outbox.channels import EMAIL, SMS
from outbox.delivery import TRIES
from outbox.models import Message
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import NOW, ClinicFactory
from tests.mail_provider import AUTHORIZATION, MailProvider, mail_provider
from tests.sms_provider import SmsProvider, signature, sms_provider

__all__ = ["mail_provider", "sms_provider"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache", "clock")]

NUMBER = "+12125550123"
SOON = NOW + timedelta(minutes=2)


@dataclass(frozen=True)
class Providers:
    """The two providers, and what they tell later."""

    mail: MailProvider
    sms: SmsProvider
    settings: LazySettings

    def bounce(self, message: Message) -> None:
        told = {
            "RecordType": "Bounce", "Type": "HardBounce", "ID": 42, "MessageID": message.provider_id,
            "Email": "x@example.org", "BouncedAt": "2026-12-01T12:00:00Z", "Metadata": {"message": str(message.pk)},
        }  # fmt: skip
        headers = {"Authorization": AUTHORIZATION}
        assert Client().post("/mail/events", told, content_type="application/json", headers=headers).status_code == 204

    def undelivered(self, message: Message, code: str) -> None:
        path = f"/sms/events?message={message.id}"
        told = {"MessageSid": "SM1", "To": NUMBER, "MessageStatus": "undelivered", "ErrorCode": code}
        headers = {"X-Twilio-Signature": signature(self.settings.SITE_URL + path, told)}
        assert Client().post(path, told, headers=headers).status_code == 204


@pytest.fixture
def providers(mail_provider: MailProvider, sms_provider: SmsProvider, settings: LazySettings) -> Providers:
    return Providers(mail_provider, sms_provider, settings)


@pytest.fixture
def officer() -> User:
    user = factories.officer()
    factories.text_number(user, NUMBER)
    return user


def choose(owner: User, kind: str = "signing-locked", side: str = OFFICE, **on: bool) -> None:
    boxes = {Box(side, kind, channel): is_on for channel, is_on in on.items()}
    preferences.write(owner.pk, boxes, at=NOW)


def due(officer: User) -> Message:
    data = {"officer": str(officer.pk)}
    message = Message(key=str(uuid4()), kind="signing-locked", subject=None, data=data, due_at=NOW)
    outbox.enqueue([message], at=NOW)
    return message


def rows(message: Message) -> list[tuple[str, str]]:
    """Of each channel, what became of the message."""
    found = Message.objects.filter(key__startswith=message.key).order_by("enqueued_at", "attempts", "channel")
    return sorted((row.channel, row.outcome) for row in found)


def row(message: Message, channel: str) -> Message:
    return Message.objects.get(key__startswith=message.key, channel=channel)


def for_days() -> None:
    """The worker goes on: nothing more may go out."""
    for day in range(1, 12):
        outbox.deliver(at=NOW + timedelta(days=day))


# --- an officer, who has an address and a number ---------------------------------------------------------


def email_refused(providers: Providers, officer: User, message: Message) -> None:
    providers.mail.status = 422
    outbox.deliver(at=NOW)


def email_came_back(providers: Providers, officer: User, message: Message) -> None:
    outbox.deliver(at=NOW)
    for _ in range(2):
        providers.bounce(row(message, EMAIL))


def no_address(providers: Providers, officer: User, message: Message) -> None:
    User.objects.filter(pk=officer.pk).update(email="not an address")
    outbox.deliver(at=NOW)


def mail_away_for_days(providers: Providers, officer: User, message: Message) -> None:
    providers.mail.status = 500
    for day in range(TRIES):
        outbox.deliver(at=NOW + timedelta(days=day))


def text_refused(providers: Providers, officer: User, message: Message) -> None:
    choose(officer, sms=True, email=False)
    providers.sms.status, providers.sms.code = 400, 21610
    outbox.deliver(at=NOW)


def text_undelivered_as_the_number_takes_none(providers: Providers, officer: User, message: Message) -> None:
    choose(officer, sms=True, email=False)
    outbox.deliver(at=NOW)
    for _ in range(2):
        providers.undelivered(row(message, SMS), "30006")


def text_undelivered_as_the_telephone_is_off(providers: Providers, officer: User, message: Message) -> None:
    choose(officer, sms=True, email=False)
    outbox.deliver(at=NOW)
    providers.undelivered(row(message, SMS), "30003")


def number_given_back(providers: Providers, officer: User, message: Message) -> None:
    """Both were chosen, the e-mail was switched off while it waited, and then the number was given back."""
    choose(officer, sms=True)
    providers.mail.status = providers.sms.status = 500
    outbox.deliver(at=NOW)
    choose(officer, email=False)
    outbox.deliver(at=SOON)
    TextNumber.objects.all().delete()
    providers.mail.status, providers.sms.status = 200, 201


Fault = Callable[[Providers, User, Message], None]

#: What becomes of the message by each channel in the end.
FAULTS: dict[str, tuple[Fault, list[tuple[str, str]]]] = {
    "the e-mail is refused": (email_refused, [(EMAIL, "refused"), (SMS, "delivered")]),
    "the e-mail came back, told twice": (email_came_back, [(EMAIL, "bounced"), (SMS, "delivered")]),
    "the address is none": (no_address, [(EMAIL, "invalid-address"), (SMS, "delivered")]),
    "e-mails go nowhere for days": (mail_away_for_days, [(EMAIL, "given-up"), (SMS, "delivered")]),
    "the text is refused": (text_refused, [(EMAIL, "delivered"), (SMS, "refused")]),
    "the number takes none, told later": (
        text_undelivered_as_the_number_takes_none, [(EMAIL, "delivered"), (SMS, "bounced")]),
    "the telephone was off, told later": (
        text_undelivered_as_the_telephone_is_off, [(EMAIL, "delivered"), (SMS, "bounced")]),
    # The text itself takes the way of the e-mail that was wanted no more.
    "the number is given back": (number_given_back, [(EMAIL, "delivered"), (EMAIL, "not-wanted")]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_did_not_arrive_goes_by_the_other_channel_once(providers: Providers, officer: User, fault: str) -> None:
    message = due(officer)
    make, expected = FAULTS[fault]
    make(providers, officer, message)
    for_days()
    assert rows(message) == expected
    arrived = [outcome for _, outcome in expected].count("delivered")
    assert arrived == 1


def without_a_number(providers: Providers, officer: User, message: Message) -> None:
    TextNumber.objects.all().delete()
    email_refused(providers, officer, message)


def both_were_chosen(providers: Providers, officer: User, message: Message) -> None:
    choose(officer, sms=True)
    email_refused(providers, officer, message)


def neither_takes_it(providers: Providers, officer: User, message: Message) -> None:
    providers.sms.status, providers.sms.code = 400, 21610
    email_refused(providers, officer, message)


def tried_again_is_no_end(providers: Providers, officer: User, message: Message) -> None:
    providers.mail.status = 500
    outbox.deliver(at=NOW)
    assert rows(message) == [(EMAIL, "")]
    providers.mail.status = 200


def without_a_gateway(providers: Providers, officer: User, message: Message) -> None:
    providers.settings.SMS_GATEWAY = {}
    email_refused(providers, officer, message)


#: Where nothing more goes, by no channel.
NOTHING_MORE: dict[str, tuple[Fault, list[tuple[str, str]]]] = {
    "there is no number": (without_a_number, [(EMAIL, "refused")]),
    "there is no gateway": (without_a_gateway, [(EMAIL, "refused")]),
    "both were chosen": (both_were_chosen, [(EMAIL, "refused"), (SMS, "delivered")]),
    "neither takes it": (neither_takes_it, [(EMAIL, "refused"), (SMS, "refused")]),
    "it is tried again": (tried_again_is_no_end, [(EMAIL, "delivered")]),
}  # fmt: skip


@pytest.mark.parametrize("case", NOTHING_MORE)
def test_no_channel_gets_it_twice(providers: Providers, officer: User, case: str) -> None:
    message = due(officer)
    make, expected = NOTHING_MORE[case]
    make(providers, officer, message)
    for_days()
    assert rows(message) == expected
    assert len(providers.sms.taken) <= 1


def test_what_comes_after_a_bounce_goes_by_text_without_asking_the_address(providers: Providers, officer: User) -> None:
    first = due(officer)
    email_refused(providers, officer, first)
    asked = len(providers.mail.taken)
    second = due(officer)
    outbox.deliver(at=SOON)
    assert rows(second) == [(SMS, "delivered")]
    assert len(providers.mail.taken) == asked
    User.objects.filter(pk=officer.pk).update(email="another@example.org")
    providers.mail.status = 200
    third = due(officer)
    outbox.deliver(at=SOON)
    assert rows(third) == [(EMAIL, "delivered")], "a corrected address is used again"


def test_what_comes_back_at_night_waits_for_the_morning(providers: Providers, officer: User, clock: Clock) -> None:
    message = due(officer)
    outbox.deliver(at=NOW)
    clock.at = night = datetime.fromisoformat("2026-12-16T02:00-05:00").astimezone(UTC)
    providers.bounce(row(message, EMAIL))
    outbox.deliver(at=night)
    assert rows(message) == [(EMAIL, "bounced"), (SMS, "")]
    outbox.deliver(at=night + timedelta(hours=6))
    assert rows(message) == [(EMAIL, "bounced"), (SMS, "delivered")]


# --- what may be switched off, and what is due no more ---------------------------------------------------


@pytest.mark.parametrize(("chosen", "texts"), [({}, 1), ({"email": True}, 1), ({"email": True, "sms": False}, 0)])
def test_what_may_be_switched_off_goes_by_text_unless_that_was_switched_off(
    providers: Providers, clinic: ClinicFactory, chosen: dict[str, bool], texts: int
) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    Patient.objects.filter(pk=patient.pk).update(phone=NUMBER, email=patient.user.email)
    factories.text_number(patient.user, NUMBER)
    choose(patient.user, "authorization-issued", PATIENT, **chosen)
    clinic.authorize(patient)
    Message.objects.exclude(kind="authorization-issued").delete()
    providers.mail.status = 422
    outbox.deliver(at=NOW)
    for_days()
    assert len(providers.sms.taken) == texts


def test_what_is_due_no_more_is_not_sent_by_text(providers: Providers, clinic: ClinicFactory, clock: Clock) -> None:
    patient = clinic.ready()
    assert patient.user is not None
    Patient.objects.filter(pk=patient.pk).update(phone=NUMBER, email=patient.user.email)
    factories.text_number(patient.user, NUMBER)
    clinic.authorize(patient)
    Message.objects.exclude(kind="authorization-issued").delete()
    outbox.deliver(at=NOW)
    (message,) = Message.objects.all()
    assert clinic.enter(patient, PregnancyReported(), at=SOON)
    clock.at = SOON
    providers.bounce(message)
    for_days()
    assert [outcome for channel, outcome in rows(message) if channel == SMS] == ["not-wanted"]


# --- a digest ----------------------------------------------------------------------------------------------

CLOSING = datetime.fromisoformat("2026-12-18T00:00-05:00").astimezone(UTC)
MORNING = CLOSING + timedelta(hours=7, minutes=30)


@pytest.fixture
def lines(clinic: ClinicFactory) -> list[Message]:
    """What is due to a prescriber of three patients, who has a number."""
    for _ in range(3):
        clinic.ready_until(ConsentWithdrawn("birth-defects"))
    Message.objects.all().delete()
    sweep(at=CLOSING)
    Message.objects.exclude(data__to="prescriber").delete()
    factories.text_number(clinic.prescriber.user, NUMBER)
    outbox.deliver(at=CLOSING)
    return list(Message.objects.exclude(digest=None))


def outcomes(lines: list[Message]) -> set[str]:
    return set(Message.objects.filter(pk__in=[line.pk for line in lines]).values_list("outcome", flat=True))


def refused(providers: Providers) -> None:
    providers.mail.status = 422
    outbox.deliver(at=MORNING)


def came_back(providers: Providers) -> None:
    outbox.deliver(at=MORNING)
    providers.bounce(Message.objects.get(kind="digest"))
    outbox.deliver(at=MORNING + timedelta(minutes=5))


@pytest.mark.parametrize("fault", [refused, came_back])
def test_one_text_goes_in_the_place_of_a_digest(
    providers: Providers, clinic: ClinicFactory, lines: list[Message], fault: Callable[[Providers], None]
) -> None:
    assert len(lines) == 3
    fault(providers)
    for_days()
    assert [text["To"] for text in providers.sms.taken] == [NUMBER]
    assert outcomes(lines) == {"delivered"}
    assert {Message.objects.get(pk=line.pk).channel for line in lines} == {SMS}, "pages say by what it went"
    assert len(providers.mail.taken) == 1
    assert rows(Message.objects.get(kind="digest", channel=EMAIL))[1] == (SMS, "delivered")


def test_where_the_address_takes_nothing_the_digest_is_one_text_from_the_start(
    providers: Providers, clinic: ClinicFactory, lines: list[Message]
) -> None:
    unreachable.note(clinic.prescriber.user.email, at=CLOSING, answer="x")
    outbox.deliver(at=MORNING)
    for_days()
    assert (len(providers.sms.taken), len(providers.mail.taken)) == (1, 0)
    assert outcomes(lines) == {"delivered"}


def test_a_digest_whose_lines_are_due_no_more_is_not_texted(
    providers: Providers, clinic: ClinicFactory, lines: list[Message], clock: Clock
) -> None:
    outbox.deliver(at=MORNING)
    clock.at = MORNING + timedelta(minutes=1)
    for line in lines:
        assert line.subject is not None
        clinic.enter(Patient.objects.get(pk=line.subject), PregnancyReported(), at=clock.at)
    Message.objects.filter(kind__startswith="stop").delete()
    providers.bounce(Message.objects.get(kind="digest"))
    for_days()
    assert providers.sms.taken == []
    assert outcomes(lines) == {"not-wanted"}


def test_the_digest_that_nobody_can_get_is_refused_with_its_lines(
    providers: Providers, clinic: ClinicFactory, lines: list[Message]
) -> None:
    TextNumber.objects.all().delete()
    refused(providers)
    assert outcomes(lines) == {"refused"}
