"""Text messages by a provider: what it answers, and what it tells later; none of it names a number in a log."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

import outbox
from config import sms_providers
from outbox import RenderedMessage, box, sms, unreachable
from outbox.channels import SMS
from outbox.delivery import TRIES
from outbox.models import CapturedText, Message
from tests.histories import NOW
from tests.sms_provider import ACCOUNT, SENDER, SmsProvider, signature, sms_provider

__all__ = ["sms_provider"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache")]
ANA = "+12125550100"


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    box._RENDERERS["told"] = lambda *_: RenderedMessage(ANA, "", "Sign in")
    yield
    del box._RENDERERS["told"]


@pytest.fixture(autouse=True)
def _no_number_in_a_log(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    said = caplog.text + "".join(capsys.readouterr())
    assert "2125550100" not in said


def enqueue() -> Message:
    message = Message(id=uuid4(), key=str(uuid4()), kind="told", channel=SMS, data={}, due_at=NOW)
    outbox.enqueue([message], at=NOW)
    return message


def after(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_it_goes_with_sender_and_the_address_at_which_to_tell(
    sms_provider: SmsProvider, settings: LazySettings
) -> None:
    message = enqueue()
    assert outbox.deliver(at=NOW) == 1
    told_at = f"{settings.SITE_URL}/sms/events?message={message.id}"
    assert sms_provider.taken == [{"To": ANA, "From": SENDER, "Body": "Sign in", "StatusCallback": told_at}]
    assert sms_provider.paths == [f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"]
    assert sms_provider.authorizations[0].startswith("Basic ")
    row = after(message)
    assert (row.outcome, row.answer, row.provider_id[:2]) == ("delivered", "queued", "SM")
    assert outbox.deliver(at=NOW + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("status", "code"), [(500, 20500), (503, 0), (429, 20429), (401, 20003), (400, 21408), (400, 21212), (302, 0)]
)
def test_what_may_change_is_tried_again_and_marks_no_number(sms_provider: SmsProvider, status: int, code: int) -> None:
    message = enqueue()
    sms_provider.status, sms_provider.code = status, code
    assert outbox.deliver(at=NOW) == 0
    row = after(message)
    assert (row.outcome, row.answer.split()[0], row.delivered_at) == ("", str(status), None)
    assert not unreachable.since([ANA])
    sms_provider.status = 201
    assert outbox.deliver(at=NOW + timedelta(minutes=2)) == 1
    assert len(sms_provider.taken) == 2


@pytest.mark.parametrize("code", [21211, 21610, 21614])
def test_a_number_that_takes_nothing_is_final(sms_provider: SmsProvider, code: int) -> None:
    message = enqueue()
    sms_provider.status, sms_provider.code = 400, code
    outbox.deliver(at=NOW)
    row = after(message)
    assert (row.outcome, row.answer) == ("refused", str(code))
    assert list(unreachable.since([ANA])) == [ANA]
    assert outbox.deliver(at=NOW + timedelta(days=9)) == 0
    assert len(sms_provider.taken) == 1


@pytest.mark.parametrize(
    "body", [b"", b"no JSON", b"[]", b'{"sid": ""}', b'{"sid": "SM1", "status": "failed"}', b"\xff"]
)
def test_an_answer_that_is_none_is_tried_again(sms_provider: SmsProvider, body: bytes) -> None:
    message = enqueue()
    sms_provider.body = body
    outbox.deliver(at=NOW)
    assert (after(message).outcome, after(message).attempts) == ("", 1)


def test_a_provider_that_takes_it_and_hangs_takes_it_twice(sms_provider: SmsProvider) -> None:
    message = enqueue()
    sms_provider.hangs.set()
    outbox.deliver(at=NOW)
    assert after(message).last_error == "ReadTimeout"
    sms_provider.hangs.clear()
    assert outbox.deliver(at=NOW + timedelta(minutes=2)) == 1
    assert len(sms_provider.taken) == 2


def test_a_provider_that_is_away_is_asked_nine_times(sms_provider: SmsProvider) -> None:
    message, at = enqueue(), NOW
    sms_provider.close()
    for _ in range(TRIES + 2):
        outbox.deliver(at=at)
        at += timedelta(days=1)
    assert (after(message).outcome, after(message).attempts) == ("given-up", TRIES)
    assert after(message).last_error == "ConnectionError"


def test_without_a_gateway_it_waits(settings: LazySettings) -> None:
    settings.SMS_GATEWAY = {}
    message = enqueue()
    outbox.deliver(at=NOW)
    assert (after(message).outcome, after(message).last_error) == ("", "NoGateway")


@pytest.mark.parametrize("to", ["", "2125550100", "+0123456789", "+1212555010x", "ana@example.org", "+1" * 20])
def test_what_is_no_number_is_sent_nowhere(sms_provider: SmsProvider, to: str) -> None:
    box._RENDERERS["told"] = lambda *_: RenderedMessage(to, "", "Sign in")
    message = enqueue()
    outbox.deliver(at=NOW)
    assert after(message).outcome == "invalid-address"
    assert sms_provider.taken == []


def test_the_outbox_page_keeps_each_text_once(settings: LazySettings) -> None:
    message = enqueue()
    outbox.deliver(at=NOW)
    gateway = sms.gateway()
    assert gateway is not None
    gateway.send(ANA, "Sign in", message=message.id)
    assert list(CapturedText.objects.values_list("message", "to", "text")) == [(message.id, ANA, "Sign in")]


# --- what it tells later --------------------------------------------------------------------------


def tell(settings: LazySettings, message: Message | None, *, by: str | None = None, **posted: str) -> int:
    path = "/sms/events" + (f"?message={message.id}" if message else "")
    told = {"MessageSid": "SM1", "To": ANA, "MessageStatus": "delivered"} | posted
    signed = by if by is not None else signature(settings.SITE_URL + path, told)
    client = Client(enforce_csrf_checks=True)
    return client.post(path, told, headers={"X-Twilio-Signature": signed}).status_code


def sent(provider: SmsProvider) -> Message:
    message = enqueue()
    outbox.deliver(at=NOW)
    return after(message)


def test_what_arrived_is_noted(sms_provider: SmsProvider, settings: LazySettings) -> None:
    message = sent(sms_provider)
    unreachable.note(ANA, at=NOW, answer="x")
    assert tell(settings, message) == 204
    assert (after(message).outcome, after(message).answer) == ("delivered", "delivered")
    assert not unreachable.since([ANA])


@pytest.mark.parametrize(("code", "is_number"), [("30005", True), ("30006", True), ("30003", False), ("30007", False)])
def test_what_did_not_arrive_is_noted(
    sms_provider: SmsProvider, settings: LazySettings, code: str, *, is_number: bool
) -> None:
    message = sent(sms_provider)
    for _ in range(2):
        assert tell(settings, message, MessageStatus="undelivered", ErrorCode=code) == 204
    assert (after(message).outcome, after(message).answer) == ("bounced", f"undelivered {code}")
    assert bool(unreachable.since([ANA])) is is_number
    assert outbox.deliver(at=NOW + timedelta(days=1)) == 0


def test_it_may_be_told_before_the_sending_was_noted_and_without_our_number(
    sms_provider: SmsProvider, settings: LazySettings
) -> None:
    early = enqueue()
    assert tell(settings, early, MessageStatus="failed", ErrorCode="30006") == 204
    assert after(early).outcome == "bounced"
    assert outbox.deliver(at=NOW) == 0
    late = sent(sms_provider)
    assert tell(settings, None, MessageSid=late.provider_id, MessageStatus="failed") == 204
    assert after(late).outcome == "bounced"


@pytest.mark.parametrize("word", ["queued", "sent", "sending", "accepted", "x"])
def test_what_is_still_on_its_way_changes_nothing(sms_provider: SmsProvider, settings: LazySettings, word: str) -> None:
    message = sent(sms_provider)
    assert tell(settings, message, MessageStatus=word) == 204
    assert after(message).answer == "queued"


def test_without_its_signature_nothing_is_taken_and_that_is_limited(
    sms_provider: SmsProvider, settings: LazySettings
) -> None:
    message = sent(sms_provider)
    other = signature(settings.SITE_URL + "/sms/events", {"MessageStatus": "failed"}, "another token")
    forged = ("", "x", other, "é".encode().decode("latin1"))
    assert {tell(settings, message, by=by, MessageStatus="failed") for by in forged} == {403}
    assert [tell(settings, message, by="x") for _ in range(30)][-1] == 429
    assert after(message).outcome == "delivered"


@pytest.mark.parametrize("posted", [{"MessageStatus": ""}, {"ErrorCode": "x" * 900, "MessageStatus": "failed"}])
def test_hostile_words_change_nothing_else(
    sms_provider: SmsProvider, settings: LazySettings, posted: dict[str, str]
) -> None:
    message = sent(sms_provider)
    assert tell(settings, message, **posted) == 204
    assert not unreachable.since([ANA])


def test_an_email_is_nothing_of_the_providers(sms_provider: SmsProvider, settings: LazySettings) -> None:
    message = enqueue()
    Message.objects.filter(pk=message.pk).update(channel="email")
    assert tell(settings, message, MessageStatus="failed") == 204
    assert after(message).outcome == ""


def test_words_that_cannot_be_read_are_answered_400(sms_provider: SmsProvider, settings: LazySettings) -> None:
    path = "/sms/events?message=x"
    told = {"MessageSid": "SM1", "MessageStatus": "failed"}
    signed = signature(settings.SITE_URL + path, told)
    assert Client().post(path, told, headers={"X-Twilio-Signature": signed}).status_code == 400


# --- settings -------------------------------------------------------------------------------------

GOOD = f"twilio://{ACCOUNT}:a%20token@api.twilio.com/{SENDER}"


def test_settings_of_a_provider() -> None:
    found: dict[str, Any] = sms_providers.gateway_of(GOOD, is_local=False)
    assert found["options"] == {
        "account": ACCOUNT, "token": "a token", "sender": SENDER, "api": "https://api.twilio.com",
        "told_at": "/sms/events",
    }  # fmt: skip
    assert sms_providers.gateway_of("", is_local=False) == {}
    assert sms_providers.gateway_of("", is_local=True) == {"class": "outbox.sms.PageGateway"}
    service = GOOD.replace(SENDER, "MG" + "a" * 32)
    assert sms_providers.gateway_of(service, is_local=False)["options"]["sender"] == "MG" + "a" * 32
