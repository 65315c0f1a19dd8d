"""Enqueue, deliver, notify the worker. Deciding that a message is due and sending it are two steps with a durable row
between them."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from prometheus_client import Counter

if TYPE_CHECKING:
    from .models import Message

log = structlog.get_logger(__name__)

DELIVERED = Counter("clearfill_messages_total", "Messages by what became of them", ["kind", "outcome"])
NOTIFY_FAILED = Counter("clearfill_worker_notifications_failed_total", "Notifications that the queue did not take")

#: Minutes until the next try, by how many have failed; the last one repeats.
PAUSES = (1, 5, 15, 60, 240)


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


def enqueue(messages: Sequence["Message"], *, at: datetime) -> int:
    """Enqueue messages in the caller's transaction; how many are new. One whose key is known is left as it is."""
    added = 0
    with connection.cursor() as cursor:
        for message in messages:
            data = json.dumps(message.data)
            values: list[Any] = [
                message.id,
                message.key,
                message.kind,
                message.subject,
                data,
                at,
                message.due_at,
                message.due_at,
            ]
            cursor.execute(_INSERT, values)
            added += cursor.rowcount
    if added:
        transaction.on_commit(notify_worker_if_allowed)
    return added


_INSERT = """
INSERT INTO outbox_message (id, key, kind, subject, data, enqueued_at, due_at, next_attempt_at, attempts, last_error)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, '') ON CONFLICT (key) DO NOTHING
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


def notify_worker() -> None:
    """Tell the worker that there is something to do. A queue that is down or hung delays messages and nothing else."""
    from kombu.exceptions import KombuError
    from redis.exceptions import RedisError

    from .tasks import deliver as task

    try:
        task.delay()
    except (KombuError, RedisError, OSError) as error:
        NOTIFY_FAILED.inc()
        log.warning("notify_worker_failed", kind=type(error).__name__)


def deliver(*, at: datetime, limit: int = 200) -> int:
    """Deliver what is due at `at`, one message a transaction; how many went out. Safe to run at the same time twice."""
    sent = 0
    for _ in range(limit):
        outcome = _deliver_one(at)
        if outcome is None:
            break
        sent += outcome == "delivered"
    return sent


def _deliver_one(at: datetime) -> str | None:
    from .models import Message

    with transaction.atomic():
        waiting = Message.objects.filter(delivered_at=None, dropped_at=None, next_attempt_at__lte=at)
        message = waiting.order_by("next_attempt_at").select_for_update(skip_locked=True).first()
        if message is None:
            return None
        outcome = _attempt(message, at)
        message.save()
    DELIVERED.labels(kind=message.kind, outcome=outcome).inc()
    return outcome


def _attempt(message: "Message", at: datetime) -> str:
    """Write the message and send it, and note on the row what came of it."""
    message.attempts += 1
    try:
        with transaction.atomic():
            rendered = _RENDERERS[message.kind](message, at)
            if rendered is not None:
                _send(message, rendered)
    except Exception as error:
        message.last_error = type(error).__name__
        message.next_attempt_at = at + timedelta(minutes=PAUSES[min(message.attempts, len(PAUSES)) - 1])
        log.error("delivery_failed", kind=message.kind, message=str(message.id), error=message.last_error)
        return "failed"
    if rendered is None:
        message.dropped_at = at
        return "dropped"
    message.delivered_at, message.last_error = at, ""
    return "delivered"


def _send(message: "Message", rendered: RenderedMessage) -> None:
    """The Message-ID follows from the row, so that a second delivery after a crash is recognised as the same e-mail."""
    headers = {"Message-ID": f"<{message.id}@clearfill.invalid>"}
    EmailMessage(rendered.subject, rendered.body, settings.DEFAULT_FROM_EMAIL, [rendered.to], headers=headers).send()
