"""What becomes of a message: final where nothing will change, tried a bounded number of times where it may."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.exceptions import ObjectDoesNotExist
from prometheus_client import REGISTRY

import outbox
from outbox import RenderedMessage, box, delivery, outcomes, unreachable
from outbox.models import Message, UnreachableAddress
from tests.histories import NOW
from tests.smtp import MailServer, mail_server

__all__ = ["mail_server"]
pytestmark = pytest.mark.django_db
ANA = "ana@example.org"


def gone(message: Message, at: datetime) -> RenderedMessage:
    raise ObjectDoesNotExist


def broken(message: Message, at: datetime) -> RenderedMessage:
    raise KeyError("a slip in a renderer, not an unknown kind")


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    kinds: dict[str, Callable[[Message, datetime], RenderedMessage | None]] = {
        "told": lambda message, at: RenderedMessage(
            message.data["to"], "Subject", "Body\n\nhttps://here.example/a?b&c"
        ),
        "switchable": lambda message, at: RenderedMessage(ANA, "Subject", "Body", "https://here.example/off"),
        "unwanted": lambda message, at: None,
        "gone": gone,
        "broken": broken,
    }
    box._RENDERERS.update(kinds)
    yield
    for kind in kinds:
        del box._RENDERERS[kind]


def enqueue(kind: str = "told", to: str = ANA) -> Message:
    message = Message(id=uuid4(), key=str(uuid4()), kind=kind, data={"to": to}, due_at=NOW)
    outbox.enqueue([message], at=NOW)
    return message


def read(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


#: What is final at once: the kind, the address, what the mail server says to it, what stays on the row, and whether the
#: address is one that takes nothing.
FINAL: dict[str, tuple[str, str, bytes, str, str, bool]] = {
    "no such mailbox": ("told", ANA, b"550 5.1.1 <ana@example.org>: no such user", "refused", "550 5.1.1", True),
    "a mailbox that is closed": ("told", ANA, b"551 gone", "refused", "551", True),
    "a mailbox that is full for good": ("told", ANA, b"552 5.2.2 full", "refused", "552 5.2.2", True),
    "an address without a domain": ("told", "ana", b"", "invalid-address", "", True),
    "no address": ("told", "", b"", "invalid-address", "", False),
    "an address of two lines": ("told", "ana@example.org\nBcc: bo@example.org", b"", "invalid-address", "", True),
    "an address that no server knows how to write": ("told", "añá@example.org", b"", "invalid-address", "", True),
    "an unknown kind": ("unheard-of", ANA, b"", "unknown-kind", "", False),
    "an unknown recipient": ("gone", ANA, b"", "unknown-recipient", "", False),
}


@pytest.mark.parametrize("name", FINAL)
def test_what_will_not_change_is_final_at_once(mail_server: MailServer, name: str) -> None:
    kind, to, said, outcome, answer, _ = FINAL[name]
    if said:
        mail_server.at_address[to] = said
    message = enqueue(kind, to)
    assert outbox.deliver(at=NOW) == 0
    row = read(message)
    assert (row.outcome, row.answer, row.dropped_at, row.delivered_at) == (outcome, answer, NOW, None)
    assert row.attempts == 1
    assert outbox.deliver(at=NOW + timedelta(days=9)) == 0
    assert read(message).attempts == 1


#: What may change: it is tried again.
AGAIN: dict[str, tuple[str, dict[str, bytes], dict[str, bytes], str]] = {
    "a greylist": ("told", {ANA: b"451 4.7.1 later"}, {}, "451 4.7.1"),
    "a full mailbox": ("told", {ANA: b"452 4.2.2 full"}, {}, "452 4.2.2"),
    "a sender who is on a list": ("told", {ANA: b"554 5.7.1 blocked"}, {}, "554 5.7.1"),
    "no relaying": ("told", {ANA: b"550 5.7.1 no relaying"}, {}, "550 5.7.1"),
    "a server that cannot store it": ("told", {}, {ANA: b"451 disk"}, "451"),
    "a slip in a renderer": ("broken", {}, {}, ""),
}


@pytest.mark.parametrize("name", AGAIN)
def test_what_may_change_is_tried_again_with_growing_pauses_and_then_given_up(
    mail_server: MailServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    kind, mail_server.at_address, mail_server.at_data, answer = AGAIN[name]
    message, at = enqueue(kind), NOW
    for minutes in delivery.PAUSES:
        assert outbox.deliver(at=at) == 0
        assert (read(message).outcome, read(message).answer) == ("", answer)
        assert outbox.deliver(at=at + timedelta(minutes=minutes) - timedelta(seconds=1)) == 0
        at += timedelta(minutes=minutes)
    assert outbox.deliver(at=at) == 0
    row = read(message)
    assert (row.attempts, row.outcome, row.answer, row.dropped_at) == (delivery.TRIES, "given-up", answer, at)
    assert row.last_error
    assert outbox.deliver(at=at + timedelta(days=9)) == 0
    assert read(message).attempts == delivery.TRIES
    assert not UnreachableAddress.objects.exists()
    assert list(delivery.PAUSES) == sorted(delivery.PAUSES)


def test_what_went_out_keeps_the_code_of_the_answer_alone(mail_server: MailServer) -> None:
    message = enqueue()
    outbox.deliver(at=NOW)
    assert (read(message).outcome, read(message).answer) == ("delivered", "250 2.0.0")


def test_what_is_no_longer_wanted_says_so(mail_server: MailServer) -> None:
    message = enqueue("unwanted")
    outbox.deliver(at=NOW)
    assert (read(message).outcome, read(message).dropped_at) == ("not-wanted", NOW)


def test_each_outcome_is_counted(mail_server: MailServer) -> None:
    def count() -> float:
        labels = {"kind": "told", "outcome": "refused"}
        return REGISTRY.get_sample_value("clearfill_messages_total", labels) or 0

    before = count()
    enqueue(to="refused@example.org")
    outbox.deliver(at=NOW)
    assert count() == before + 1


def test_no_address_and_no_sentence_of_a_server_is_written_down(
    mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail_server.at_address = {ANA: b"550 5.1.1 <ana@example.org> Ana Diaz has left"}
    message = enqueue()
    Message.objects.update(data={"to": ANA})
    outbox.deliver(at=NOW)
    row = read(message)
    marks = str(list(UnreachableAddress.objects.values()))
    assert not any(word in f"{row.answer}{row.last_error}{caplog.text}{marks}" for word in ("ana@", "Ana", "left"))


def test_a_batch_is_sent_by_one_connection(mail_server: MailServer) -> None:
    for number in range(delivery.BATCH):
        enqueue(to=f"reader{number}@example.org")
    assert outbox.deliver(at=NOW) == delivery.BATCH
    assert mail_server.connections == 1


def test_a_refused_address_costs_no_connection(mail_server: MailServer) -> None:
    for to in ("a@example.org", "refused@example.org", "b@example.org"):
        enqueue(to=to)
    assert outbox.deliver(at=NOW) == 2
    assert mail_server.connections == 1


def test_a_connection_that_the_server_dropped_is_made_anew_and_nothing_goes_out_twice(mail_server: MailServer) -> None:
    mail_server.hangs_up.set()
    for number in range(4):
        enqueue(to=f"reader{number}@example.org")
    assert outbox.deliver(at=NOW) == 4
    assert sorted(mail_server.taken) == [f"reader{number}@example.org" for number in range(4)]
    assert mail_server.connections == 4
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}


def test_what_there_was_no_time_for_is_given_back(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it had never been claimed: the next turn begins with it, and none of its tries is spent."""
    monkeypatch.setattr(delivery, "CLAIM", -1.0)
    for _ in range(3):
        enqueue()
    assert outbox.deliver(at=NOW, limit=2) == 1
    waiting = Message.objects.filter(delivered_at=None).values_list("attempts", "next_attempt_at")
    assert list(waiting) == [(0, NOW)] * 2


def test_a_message_that_ends_its_process_each_time_is_given_up(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(message: Message, at: datetime) -> RenderedMessage:
        raise SystemExit

    monkeypatch.setitem(box._RENDERERS, "told", ends)
    message, at = enqueue(), NOW
    for _ in range(delivery.TRIES):
        with pytest.raises(SystemExit):
            outbox.deliver(at=at)
        at += timedelta(minutes=delivery.PAUSES[-1])
    assert outbox.deliver(at=at) == 0
    assert read(message).outcome == "given-up"


def test_an_email_says_what_it_is_and_where_answers_go(mail_server: MailServer, settings: LazySettings) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.REPLY_TO_EMAIL = "C <no-reply@c.example>", "C <help@c.example>"
    settings.MAIL_DOMAIN = "c.example"
    told, switchable = enqueue(), enqueue("switchable")
    outbox.deliver(at=NOW)
    by_id = {letter["Message-ID"]: letter for letter in mail_server.received}
    letter = by_id[f"<{told.id}@c.example>"]
    assert (letter["From"], letter["Reply-To"]) == ("C <no-reply@c.example>", "C <help@c.example>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] is None
    assert by_id[f"<{switchable.id}@c.example>"]["List-Unsubscribe"] == "<https://here.example/off>"


def test_both_parts_say_the_same_and_nothing_is_fetched(mail_server: MailServer) -> None:
    box._RENDERERS["told"] = lambda *_: RenderedMessage(
        ANA, "A <b> & c", "Go on:\n\nhttps://here.example/a?b&c\n\n<i>&"
    )
    enqueue()
    outbox.deliver(at=NOW)
    (letter,) = mail_server.received
    assert letter.get_content_type() == "multipart/alternative"
    parts: dict[str, Any] = {part.get_content_type(): part.get_content() for part in letter.iter_parts()}
    assert parts["text/plain"].split() == ["Go", "on:", "https://here.example/a?b&c", "<i>&"]
    html = parts["text/html"]
    assert '<a href="https://here.example/a?b&amp;c"' in html
    assert "<p>&lt;i&gt;&amp;</p>" in html
    assert "<title>A &lt;b&gt; &amp; c</title>" in html
    assert not any(word in html for word in ("src=", "<img", "<script", "<link", "url(", "<style"))


@pytest.mark.parametrize("name", FINAL)
def test_an_address_that_takes_nothing_is_known_by_a_mark(mail_server: MailServer, name: str) -> None:
    kind, to, said, _, _, is_known = FINAL[name]
    mail_server.at_address[to] = said or b"250 yes"
    enqueue(kind, to)
    outbox.deliver(at=NOW)
    assert dict(unreachable.since([to])) == ({to: NOW} if is_known else {})


def test_the_mark_is_that_of_the_address_and_of_no_other(settings: LazySettings) -> None:
    unreachable.note("Ana@Example.org", at=NOW, answer="550")
    unreachable.note("ana@example.org", at=NOW + timedelta(days=1), answer="551")
    assert unreachable.since(["ana@example.org", "bo@example.org"]) == {"ana@example.org": NOW}
    assert unreachable.count() == 1
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 9
    assert unreachable.since(["ana@example.org"]) == {"ana@example.org": NOW}
    unreachable.forget("ana@example.org")
    assert unreachable.count() == 0


def test_every_outcome_is_one_word_of_a_table() -> None:
    assert len(set(outcomes.OUTCOMES)) == len(outcomes.OUTCOMES)
    assert all(len(word) <= 20 for word in outcomes.OUTCOMES)


def test_an_address_to_which_an_email_goes_again_is_no_longer_unreachable(mail_server: MailServer) -> None:
    mail_server.at_address[ANA] = b"550 5.1.1 no"
    enqueue()
    outbox.deliver(at=NOW)
    assert unreachable.since([ANA])
    mail_server.at_address.clear()
    enqueue()
    outbox.deliver(at=NOW)
    assert not unreachable.since([ANA])
