"""Enqueue, notify the worker. Deciding that a message is due and sending it (`outbox.delivery`) are two steps with a
durable row between them."""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

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
    """A rendered message: address, subject and body; and where its reader may switch its kind off, if they may."""

    to: str
    subject: str
    body: str
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """A message is put off until then. That is no attempt."""

    at: datetime


Renderer = Callable[["Message", datetime], RenderedMessage | None]
#: Decides when a rendered message goes: now, as it is; later; or not at all, where it makes no sense any more.
Timing = Callable[["Message", RenderedMessage, datetime], RenderedMessage | Later | None]
#: Which messages go in the place of one that did not arrive, and is tried no more.
InPlace = Callable[["Message"], "Sequence[Message]"]

_RENDERERS: dict[str, Renderer] = {}
_TIMINGS: dict[str, Timing] = {}
_IN_PLACE: dict[str, InPlace] = {}


def register(kind: str, renderer: Renderer, timing: Timing | None = None, in_place: InPlace | None = None) -> None:
    """Register the renderer of messages of that kind; it answers None when one is no longer wanted.

    Without a timing they go at once; without `in_place` nothing goes instead of one that did not arrive.
    """
    _RENDERERS[kind] = renderer
    if timing is not None:
        _TIMINGS[kind] = timing
    if in_place is not None:
        _IN_PLACE[kind] = in_place


def renderer_of(kind: str) -> Renderer:
    """The renderer of messages of that kind. Raises KeyError where none was registered."""
    return _RENDERERS[kind]


def timed(message: "Message", rendered: RenderedMessage, at: datetime) -> RenderedMessage | Later | None:
    """What the timing of its kind makes of a rendered message."""
    timing = _TIMINGS.get(message.kind)
    return timing(message, rendered, at) if timing is not None else rendered


def in_place(message: "Message") -> "Sequence[Message]":
    """What goes in the place of a message that did not arrive."""
    find = _IN_PLACE.get(message.kind)
    return find(message) if find is not None else ()


def kinds() -> list[str]:
    """Every kind that has a renderer."""
    return sorted(_RENDERERS)


def enqueue(messages: Sequence["Message"], *, at: datetime) -> int:
    """Enqueue messages in the caller's transaction; how many are new. One whose key is known is left as it is.

    One statement, however many they are.
    """
    if not messages:
        return 0
    rows = [
        {
            "id": str(message.id), "key": message.key, "kind": message.kind, "data": message.data,
            "channel": message.channel,
            "subject": str(message.subject) if message.subject else None, "due_at": message.due_at.isoformat(),
        }
        for message in messages
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, json.dumps(rows)])
        added: int = cursor.rowcount
    if added:
        transaction.on_commit(notify_worker_if_allowed, robust=True)
    return added


_INSERT = """
INSERT INTO outbox_message (
    id, key, kind, channel, subject, data, enqueued_at, due_at, next_attempt_at, attempts, last_error
)
SELECT id, key, kind, channel, subject, data, %s, due_at, due_at, 0, ''
FROM jsonb_to_recordset(%s::jsonb)
    AS message (id uuid, key text, kind text, channel text, subject uuid, data jsonb, due_at timestamptz)
ON CONFLICT (key) DO NOTHING
"""

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


#: Seconds between two rounds of the worker for which one process asks, at least. A counter that answers hundreds of
#: questions a second would else ask for as many.
APART = 1.0

#: By this process's counter of seconds: when the worker comes, or came, as it was last told.
_comes_at = -math.inf


def notify_worker() -> None:
    """Tell the worker that there is something to deliver: to come now, or a moment after it was last told to come.

    Nothing is sent where it is on its way already, and finds this too.
    """
    from .tasks import deliver as task

    global _comes_at
    now = time.monotonic()
    if now < _comes_at:
        return
    wait = max(0.0, _comes_at + APART - now)
    if queue(task, wait=wait):
        _comes_at = now + wait


def queue(task: "Task[[], int]", *, wait: float = 0.0) -> bool:
    """Have the worker carry out that task, after so many seconds; False where the queue did not take it.

    A queue that is down or hung delays work and nothing else.
    """
    from kombu.exceptions import KombuError
    from redis.exceptions import RedisError

    try:
        task.apply_async(countdown=wait)
    except (KombuError, RedisError, OSError) as error:
        NOTIFY_FAILED.inc()
        log.warning("notify_worker_failed", kind=type(error).__name__)
        return False
    return True
