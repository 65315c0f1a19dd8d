"""Delivery by a mail server: one e-mail that fails or hangs keeps no other, and none is lost or sent for nothing."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import connection

import outbox
from outbox import RenderedMessage, box, delivery, smtp
from outbox.models import CapturedEmail, Message
from tests.histories import NOW
from tests.smtp import MailServer, mail_server

__all__ = ["mail_server"]


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    """A kind of message whose e-mail goes to the address in its data."""
    box._RENDERERS["told"] = lambda message, at: RenderedMessage(message.data["to"], "Subject", "Body")
    yield
    del box._RENDERERS["told"]


def enqueue(*names: str, kind: str = "told", at: datetime = NOW) -> None:
    outbox.enqueue(
        [
            Message(id=uuid4(), key=f"{name}:{uuid4()}", kind=kind, data={"to": f"{name}@example.org"}, due_at=at)
            for name in names
        ],
        at=at,
    )


def waiting() -> list[str]:
    rows = Message.objects.filter(delivered_at=None, dropped_at=None)
    return sorted(row.data["to"].split("@")[0] for row in rows)


@pytest.mark.django_db
def test_an_email_that_hangs_keeps_no_other_waiting(mail_server: MailServer) -> None:
    enqueue("silent1", "ana", "refused", "bo", "silent2", "cleo")
    assert outbox.deliver(at=NOW) == 3
    assert sorted(mail_server.taken) == [f"{name}@example.org" for name in ("ana", "bo", "cleo")]
    assert waiting() == ["silent1", "silent2"]
    assert Message.objects.get(outcome="refused").data == {"to": "refused@example.org"}


@pytest.mark.django_db
def test_an_email_that_failed_comes_after_those_that_were_never_tried(mail_server: MailServer) -> None:
    enqueue(*(f"silent{number}" for number in range(3)))
    outbox.deliver(at=NOW)
    later = NOW + timedelta(hours=1)
    enqueue("ana", at=later)
    assert outbox.deliver(at=later, limit=1) == 1
    assert mail_server.taken == ["ana@example.org"]


@pytest.mark.django_db
def test_a_kind_that_nobody_renders_keeps_no_other_waiting(mail_server: MailServer) -> None:
    enqueue("lost", kind="unheard-of")
    enqueue("ana", at=NOW + timedelta(seconds=1))
    assert outbox.deliver(at=NOW + timedelta(seconds=1)) == 1
    assert Message.objects.get(kind="unheard-of").last_error == "KeyError"


HANGING = ("silent", "drips")


@pytest.mark.django_db
@pytest.mark.parametrize("way", HANGING)
def test_a_mail_server_that_hangs_is_hung_up_on(
    mail_server: MailServer, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "CONVERSATION", 1.0)
    getattr(mail_server, way).set()
    enqueue("ana")
    begun = time.monotonic()
    assert outbox.deliver(at=NOW) == 0
    assert time.monotonic() - begun < 3
    getattr(mail_server, way).clear()
    assert outbox.deliver(at=NOW + timedelta(seconds=59)) == 0
    assert outbox.deliver(at=NOW + timedelta(minutes=1)) == 1
    assert mail_server.taken == ["ana@example.org"]
    assert Message.objects.get().last_error == ""


@pytest.mark.django_db
def test_a_mail_server_that_does_not_say_good_bye_has_taken_the_email(mail_server: MailServer) -> None:
    mail_server.stays.set()
    enqueue("ana")
    assert outbox.deliver(at=NOW) == 1
    assert outbox.deliver(at=NOW + timedelta(days=1)) == 0
    assert mail_server.taken == ["ana@example.org"]


@pytest.mark.django_db
def test_a_process_that_ends_while_it_sends_loses_nothing(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And does not take the same message first again: it may be what ended it."""

    def ended(message: Message, at: datetime) -> RenderedMessage:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setitem(box._RENDERERS, "told", ended)
        enqueue("ana")
        with pytest.raises(SystemExit):
            outbox.deliver(at=NOW)
    assert outbox.deliver(at=NOW) == 0
    assert outbox.deliver(at=NOW + timedelta(minutes=1)) == 1
    assert mail_server.taken == ["ana@example.org"]


def test_no_transaction_is_open_while_an_email_is_sent(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold a row, and PostgreSQL ends one that does nothing for long."""
    seen: list[bool] = []
    monkeypatch.setattr("outbox.delivery._send", lambda *_: seen.append(connection.in_atomic_block))
    enqueue("ana")
    assert outbox.deliver(at=NOW) == 1
    assert seen == [False]


@pytest.mark.django_db
def test_message_that_is_dropped_while_it_is_sent_stays_dropped_and_leaves_no_words(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    outbox.enqueue_rendered(RenderedMessage("ana@example.org", "Subject", "Body"), kind="sealed", at=NOW)

    def sent_late(message: Message, rendered: RenderedMessage) -> None:
        outbox.drop(Message.objects.get(), at=NOW)
        send(message, rendered)

    send = delivery._send
    monkeypatch.setattr(delivery, "_send", sent_late)
    outbox.deliver(at=NOW)
    message = Message.objects.get()
    assert (message.delivered_at, message.dropped_at, message.data) == (None, NOW, {})
    assert not CapturedEmail.objects.exists()


@pytest.mark.django_db
def test_nothing_encrypted_is_left_of_what_was_sent(mail_server: MailServer) -> None:
    outbox.enqueue_rendered(RenderedMessage("ana@example.org", "Subject", "Body"), kind="sealed", at=NOW)
    data = {"to": "bo@example.org", "address": "encrypted"}
    outbox.enqueue([Message(id=uuid4(), key="bo", kind="told", data=data, due_at=NOW)], at=NOW)
    assert outbox.deliver(at=NOW) == 2
    assert not outbox.encrypted().exists()


@pytest.mark.django_db
@pytest.mark.parametrize("ahead", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=400)], ids=str)
def test_what_a_clock_that_ran_ahead_enqueued_goes_out_once_it_is_put_right(
    mail_server: MailServer, ahead: timedelta
) -> None:
    enqueue("ana", at=NOW + ahead)
    assert outbox.deliver(at=NOW) == 1
    assert outbox.deliver(at=NOW + ahead) == 0
    assert mail_server.taken == ["ana@example.org"]
    assert Message.objects.get().enqueued_at == NOW


@pytest.mark.django_db
def test_what_has_an_instant_of_its_own_waits_for_it(mail_server: MailServer) -> None:
    """Although a clock that ran ahead enqueued it."""
    due = NOW + timedelta(hours=2)
    message = Message(id=uuid4(), key="later", kind="told", data={"to": "ana@example.org"}, due_at=due)
    outbox.enqueue([message], at=NOW + timedelta(days=2))
    assert outbox.deliver(at=NOW) == 0
    assert outbox.deliver(at=due) == 1


@pytest.mark.django_db
def test_whoever_enqueues_a_moment_ahead_of_the_sender_is_left_alone(mail_server: MailServer) -> None:
    """Two processes do not read the same clock at the same instant."""
    enqueue("ana", at=NOW + timedelta(seconds=2))
    assert outbox.deliver(at=NOW) == 0
