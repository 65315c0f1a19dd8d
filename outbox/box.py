"""Enqueue, notify the worker. Deciding that a message is due and sending it (`outbox.delivery`) are two steps with a
durable row between them."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from django.db import connection, transaction
from prometheus_client import Counter

if TYPE_CHECKING:
    from celery import Task

    from .models import Message

log = structlog.get_logger(__name__)

NOTIFY_FAILED = Counter("clearfill_worker_notifications_failed_total", "Notifications that the queue did not take")


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A rendered message: address, subject and body."""

    to: str
    subject: str
    body: str


Renderer = Callable[["Message", datetime], RenderedMessage | None]

_RENDERERS: dict[str, Renderer] = {}


def register(kind: str, renderer: Renderer) -> None:
    """Register the renderer of messages of that kind; it answers None when one is no longer wanted."""
    _RENDERERS[kind] = renderer


def renderer_of(kind: str) -> Renderer:
    """The renderer of messages of that kind. Raises KeyError where none was registered."""
    return _RENDERERS[kind]


def enqueue(messages: Sequence["Message"], *, at: datetime) -> int:
    """Enqueue messages in the caller's transaction; how many are new. One whose key is known is left as it is.

    One statement for a thousand; none where there is no message.
    """
    # In one order, so that two who enqueue the same wait for each other, and never each for the other.
    rows: list[tuple[Any, ...]] = [
        (one.id, one.key, one.kind, one.subject, json.dumps(one.data), at, one.due_at, one.due_at)
        for one in sorted(messages, key=lambda one: one.key)
    ]
    added = sum(_insert(rows[first : first + AT_ONCE]) for first in range(0, len(rows), AT_ONCE))
    if added:
        transaction.on_commit(notify_worker_if_allowed, robust=True)
    return added


def _insert(rows: Sequence[tuple[Any, ...]]) -> int:
    """How many of these were new."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(", ".join([_ROW] * len(rows))), [value for row in rows for value in row])
        added: int = cursor.rowcount
    return added


#: So many messages in one statement: PostgreSQL takes 65,535 values.
AT_ONCE = 1000

_INSERT = """
INSERT INTO outbox_message (id, key, kind, subject, data, enqueued_at, due_at, next_attempt_at, attempts, last_error)
VALUES {} ON CONFLICT (key) DO NOTHING
"""
_ROW = "(%s, %s, %s, %s::uuid, %s::jsonb, %s, %s, %s, 0, '')"

_notifying = True


@contextmanager
def without_notifying() -> Iterator[None]:
    """Do not notify the worker of what is enqueued meanwhile: for bulk work that has no worker beside it."""
    global _notifying
    before, _notifying = _notifying, False
    try:
        yield
    finally:
        _notifying = before


def notify_worker_if_allowed() -> None:
    """Notify the worker, unless within `without_notifying`."""
    if _notifying:
        notify_worker()


def notify_worker() -> None:
    """Tell the worker that there is something to deliver."""
    from .tasks import deliver as task

    queue(task)


def queue(task: "Task[[], int]") -> None:
    """Have the worker carry out that task. A queue that is down or hung delays work and nothing else."""
    from kombu.exceptions import KombuError
    from redis.exceptions import RedisError

    try:
        task.delay()
    except (KombuError, RedisError, OSError) as error:
        NOTIFY_FAILED.inc()
        log.warning("notify_worker_failed", kind=type(error).__name__)
