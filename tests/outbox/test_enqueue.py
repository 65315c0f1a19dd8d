"""Enqueuing: many messages in few statements, and each key once."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from outbox import box
from outbox.models import Message
from tests.histories import NOW

pytestmark = pytest.mark.django_db


def messages(*keys: str) -> list[Message]:
    return [Message(id=uuid4(), key=key, kind="told", subject=uuid4(), data={"key": key}, due_at=NOW) for key in keys]


def test_no_message_needs_no_statement() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert box.enqueue([], at=NOW) == 0
    assert len(queries) == 0


def test_many_need_one_statement_for_a_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box, "AT_ONCE", 3)
    with CaptureQueriesContext(connection) as queries:
        assert box.enqueue(messages("a", "b", "c", "d"), at=NOW) == 4
    assert len(queries) == 2
    assert box.AT_ONCE * 8 < 65_535


def test_a_known_key_is_left_as_it_is_among_new_ones() -> None:
    box.enqueue(messages("a"), at=NOW)
    first = Message.objects.get()
    assert box.enqueue(messages("b", "a", "a", "c", "c"), at=NOW) == 2
    assert sorted(Message.objects.values_list("key", flat=True)) == ["a", "b", "c"]
    assert Message.objects.get(key="a").pk == first.pk
    assert Message.objects.get(key="c").data == {"key": "c"}
