"""Enqueuing: many messages in one statement, each key once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import outbox
from outbox.models import Message
from tests.histories import NOW

pytestmark = pytest.mark.django_db


def message(key: str, **data: object) -> Message:
    return Message(key=key, kind="told", subject=uuid4(), data=data, due_at=NOW + timedelta(hours=1))


@pytest.mark.parametrize("count", [1, 300])
def test_however_many_take_one_statement(count: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert outbox.enqueue([message(str(place)) for place in range(count)], at=NOW) == count
    assert len(queries) == 1
    assert Message.objects.count() == count


def test_none_takes_no_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert outbox.enqueue([], at=NOW) == 0
    assert len(queries) == 0


def test_each_stands_as_it_was_given() -> None:
    one = message("one", to="patient", by=None, number=3, words="\u201cYes\u201d, it's 'so' {0} %s")
    about_nobody = Message(key="two", kind="told", subject=None, data={}, due_at=NOW)
    outbox.enqueue([one, about_nobody], at=NOW)
    kept = Message.objects.get(key="one")
    assert (kept.pk, kept.kind, kept.subject, kept.data) == (one.pk, one.kind, one.subject, one.data)
    assert (kept.enqueued_at, kept.due_at, kept.next_attempt_at) == (NOW, one.due_at, one.due_at)
    assert Message.objects.get(key="two").subject is None


def test_a_key_that_is_known_or_comes_twice_is_one_message() -> None:
    assert outbox.enqueue([message("one", words="first")], at=NOW) == 1
    more = [message("one", words="second"), message("two", words="first"), message("two", words="second")]
    assert outbox.enqueue(more, at=NOW) == 1
    assert {m.key: m.data["words"] for m in Message.objects.all()} == {"one": "first", "two": "first"}
