"""A provider with an API: what it answers, and what it tells later of e-mails that came back."""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

import outbox
from outbox import RenderedMessage, box, unreachable
from outbox.models import Message
from tests.clocks import Clock
from tests.histories import NOW
from tests.mail_provider import AUTHORIZATION, MailProvider, mail_provider

__all__ = ["mail_provider"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache")]
ANA = "ana@example.org"


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    box._RENDERERS["told"] = lambda *_: RenderedMessage(ANA, "Subject", "Body")
    yield
    del box._RENDERERS["told"]


def enqueue() -> Message:
    message = Message(id=uuid4(), key=str(uuid4()), kind="told", data={}, due_at=NOW)
    outbox.enqueue([message], at=NOW)
    return message


def sent() -> Message:
    message = enqueue()
    assert outbox.deliver(at=NOW) == 1
    return Message.objects.get(pk=message.pk)


def tell(body: Any, **headers: str) -> int:
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    given = {"Authorization": AUTHORIZATION} | headers
    answer = Client(enforce_csrf_checks=True).post("/mail/events", text, content_type="application/json", headers=given)
    return answer.status_code


def bounce(message: Message, **changed: Any) -> dict[str, Any]:
    """What Postmark tells of an e-mail that came back."""
    return {
        "RecordType": "Bounce", "Type": "HardBounce", "ID": 42, "MessageID": message.provider_id, "Email": ANA,
        "BouncedAt": "2026-12-01T12:00:00Z", "Details": "550 5.1.1 ana@example.org has left", "Metadata": {},
    } | changed  # fmt: skip


# --- sending --------------------------------------------------------------------------------------
def test_an_email_goes_by_the_provider_with_its_message_id_and_parts(mail_provider: MailProvider) -> None:
    message = sent()
    (taken,) = mail_provider.taken
    headers = {header["Name"]: header["Value"] for header in taken["Headers"]}
    assert headers["Message-ID"].startswith(f"<{message.pk}@")
    assert (headers["Auto-Submitted"], headers["X-PM-KeepID"]) == ("auto-generated", "true")
    assert taken["Metadata"] == {"message": str(message.pk)}
    assert (taken["TextBody"], "<p>Body</p>" in taken["HtmlBody"]) == ("Body", True)
    assert not taken.get("TrackOpens")
    assert (message.outcome, message.answer) == ("delivered", "sent")
    assert message.provider_id


def test_a_batch_is_sent_by_one_connection(mail_provider: MailProvider) -> None:
    for _ in range(5):
        enqueue()
    assert outbox.deliver(at=NOW) == 5
    assert mail_provider.connections == 1


@pytest.mark.parametrize("status", [500, 503, 401, 429])
def test_a_provider_that_answers_an_error_is_asked_again(mail_provider: MailProvider, status: int) -> None:
    message, mail_provider.status = enqueue(), status
    assert outbox.deliver(at=NOW) == 0
    row = Message.objects.get(pk=message.pk)
    assert (row.outcome, row.answer) == ("", str(status))
    mail_provider.status = 200
    assert outbox.deliver(at=NOW + timedelta(minutes=1)) == 1
    assert len(mail_provider.taken) == 2


def test_a_provider_that_hangs_is_asked_again_with_the_same_message_id(mail_provider: MailProvider) -> None:
    """It may have taken the first one: whoever gets both knows them to be the same."""
    enqueue()
    mail_provider.hangs.set()
    assert outbox.deliver(at=NOW) == 0
    mail_provider.hangs.clear()
    assert outbox.deliver(at=NOW + timedelta(minutes=1)) == 1
    ids = {next(h["Value"] for h in one["Headers"] if h["Name"] == "Message-ID") for one in mail_provider.taken}
    assert (len(mail_provider.taken), len(ids)) == (2, 1)


def test_an_address_that_the_provider_refuses_is_final(
    mail_provider: MailProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    message, mail_provider.status = enqueue(), 422
    assert outbox.deliver(at=NOW) == 0
    row = Message.objects.get(pk=message.pk)
    assert (row.outcome, row.answer, row.dropped_at) == ("refused", "rejected", NOW)
    assert unreachable.since([ANA]) == {ANA: NOW}
    assert ANA not in f"{caplog.text}{row.last_error}{row.answer}"


def test_an_answer_that_gives_the_email_no_number_is_no_yes(mail_provider: MailProvider) -> None:
    message, mail_provider.status, mail_provider.inactive = enqueue(), 422, "{to}: other words than before"
    assert outbox.deliver(at=NOW) == 0
    row = Message.objects.get(pk=message.pk)
    assert (row.outcome, row.answer, row.last_error) == ("", "unknown", "NotTaken")


# --- what came back -------------------------------------------------------------------------------
#: How an e-mail is known again.
KNOWN: dict[str, Callable[[Message], dict[str, Any]]] = {
    "by the provider's id": lambda message: {},
    "by its number": lambda message: {"MessageID": "other", "Metadata": {"message": str(message.pk)}},
    "by its Message-ID": lambda message: {"MessageID": f"<{message.pk}@clearfill.invalid>"},
}


@pytest.mark.parametrize("way", KNOWN)
def test_a_bounce_stands_on_the_message_and_the_address_is_known(
    mail_provider: MailProvider, clock: Clock, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    message, at = sent(), clock.set("2026-12-02T12:00-05:00")
    assert tell(bounce(message, **KNOWN[way](message))) == 204
    row = Message.objects.get(pk=message.pk)
    assert (row.outcome, row.answer, row.delivered_at) == ("bounced", "bounced", NOW)
    assert unreachable.since([ANA]) == {ANA: at}
    assert not any(word in caplog.text for word in (ANA, "has left"))
    assert tell(bounce(message)) == 204  # told twice
    assert unreachable.count() == 1


def test_a_bounce_that_comes_before_the_sending_was_noted_is_not_lost(
    mail_provider: MailProvider, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = enqueue()
    note = outbox.delivery._note

    def noted_late(row: Message, *rest: Any) -> None:
        assert tell(bounce(row, MessageID="x", Metadata={"message": str(row.pk)})) == 204
        note(row, *rest)

    monkeypatch.setattr("outbox.delivery._note", noted_late)
    outbox.deliver(at=NOW)
    assert Message.objects.get(pk=message.pk).outcome == "bounced"
    assert outbox.deliver(at=NOW + timedelta(days=9)) == 0


#: What says nothing of the address.
NOTHING: dict[str, dict[str, Any]] = {
    "a mailbox that is full": {"Type": "SoftBounce"},
    "a delay": {"Type": "Transient"},
    "a complaint": {"RecordType": "SpamComplaint", "Type": "SpamComplaint"},
    "a list of senders": {"Type": "Blocked"},
    "our own policy": {"Type": "DMARCPolicy"},
    "an answer from a holiday": {"Type": "AutoResponder"},
    "another's e-mail": {"MessageID": str(uuid4())},
    "an e-mail without an id": {"MessageID": None},
    "a kind that nobody knows": {"RecordType": "New", "Type": "New"},
}


@pytest.mark.parametrize("what", NOTHING)
def test_what_says_nothing_of_the_address_changes_nothing(mail_provider: MailProvider, clock: Clock, what: str) -> None:
    message = sent()
    assert tell(bounce(message, **NOTHING[what])) == 204
    assert Message.objects.get(pk=message.pk).outcome == "delivered"
    assert unreachable.count() == 0


def test_an_email_that_arrives_ends_it(mail_provider: MailProvider, clock: Clock) -> None:
    message = sent()
    tell(bounce(message))
    again = sent()
    assert unreachable.since([ANA]), "that the provider took it says nothing yet"
    delivery = {"RecordType": "Delivery", "MessageID": again.provider_id, "Recipient": ANA, "Metadata": {}}
    assert tell(delivery | {"DeliveredAt": "2026-12-02T12:00:00Z"}) == 204
    assert not unreachable.since([ANA])
    assert Message.objects.get(pk=again.pk).answer == "delivered"
    assert Message.objects.get(pk=message.pk).outcome == "bounced"


#: Without the secret.
UNPROVED = {
    "none": "", "another": "Basic ZXZlbnRzOndyb25n", "not basic": "Bearer x", "no base64": "Basic %%%",
}  # fmt: skip


@pytest.mark.parametrize("what", UNPROVED)
def test_without_the_secret_nothing_is_taken(mail_provider: MailProvider, clock: Clock, what: str) -> None:
    message = sent()
    assert tell(bounce(message), Authorization=UNPROVED[what]) == 403
    assert Message.objects.get(pk=message.pk).outcome == "delivered"


def test_to_guess_the_secret_is_limited_and_to_tell_is_not(mail_provider: MailProvider, clock: Clock) -> None:
    message = sent()
    assert {tell(bounce(message)) for _ in range(40)} == {204}
    assert [tell({}, Authorization="Basic x") for _ in range(32)] == [403] * 30 + [429] * 2
    assert tell(bounce(message)) == 429


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "7", '"x"', b"\xff", "{}"])
def test_what_cannot_be_read_is_no_fault(mail_provider: MailProvider, clock: Clock, body: str | bytes) -> None:
    assert tell(body) in (204, 400)


def test_what_is_too_long_is_not_read(mail_provider: MailProvider, clock: Clock) -> None:
    assert tell("x" * 300_000) == 413


def test_there_is_no_such_page_where_a_mail_server_sends(clock: Clock) -> None:
    assert tell({}) == 404
    assert Client().get("/mail/events").status_code == 405


@pytest.mark.parametrize(("is_signed", "status"), [(True, 204), (False, 403)])
def test_mailgun_signs_what_it_tells(settings: LazySettings, clock: Clock, is_signed: bool, status: int) -> None:
    settings.MAIL_PROVIDER, key = "mailgun", "a key of more than twenty letters"
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_WEBHOOK_SIGNING_KEY": key}
    message = enqueue()
    Message.objects.filter(pk=message.pk).update(delivered_at=NOW, outcome="delivered")
    signature = hmac.new(key.encode() if is_signed else b"x", b"1700000000token", hashlib.sha256).hexdigest()
    event = {
        "event": "failed", "severity": "permanent", "reason": "bounce", "id": "e1", "timestamp": 1700000000.0,
        "recipient": ANA, "message": {"headers": {"message-id": f"{message.pk}@clearfill.invalid"}},
        "delivery-status": {"code": 550, "message": "no such user"}, "user-variables": {}, "tags": [],
    }  # fmt: skip
    signed = {"token": "token", "timestamp": "1700000000", "signature": signature}
    assert tell({"signature": signed, "event-data": event}, Authorization="") == status
    assert (Message.objects.get(pk=message.pk).outcome == "bounced") is is_signed
