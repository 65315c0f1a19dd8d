"""Delivery: take a message that is due, render it, send it, note the outcome. No transaction is open while it is sent.

A message is taken by noting its next attempt, as if this one had failed. Whatever then happens to it (an error, a mail
server that hangs, the end of this process), the others go on, and it comes again. A second e-mail after a crash has the
Message-ID of the first one.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from prometheus_client import Counter

from . import box, sealed
from .turns import Turn

if TYPE_CHECKING:
    from .models import Message

log = structlog.get_logger(__name__)

DELIVERED = Counter("clearfill_messages_total", "Messages by what became of them", ["kind", "outcome"])

#: Minutes until the next attempt, by how many were made; the last one repeats. More than one e-mail may take.
PAUSES = (1, 5, 15, 60, 240)


def deliver(*, at: datetime, limit: int = 200, turn: Turn | None = None) -> int:
    """Deliver what is due at `at`, until the turn is over; how many went out. Safe to run at the same time twice."""
    sent = 0
    for _ in range(limit):
        message = _take(at)
        if message is None:
            break
        sent += _deliver(message, at) == "delivered"
        if turn is not None and turn.is_over():
            break
    return sent


def _take(at: datetime) -> "Message | None":
    """The next message that is due, those first that were tried least: what fails keeps nothing that is new."""
    from .models import Message

    with transaction.atomic():
        waiting = Message.objects.filter(delivered_at=None, dropped_at=None, next_attempt_at__lte=at)
        rows = waiting.order_by("attempts", "next_attempt_at").select_for_update(skip_locked=True)
        message = rows.first()
        if message is None:
            return None
        message.attempts += 1
        message.next_attempt_at = at + timedelta(minutes=PAUSES[min(message.attempts, len(PAUSES)) - 1])
        message.save(update_fields=["attempts", "next_attempt_at"])
    return message


def _deliver(message: "Message", at: datetime) -> str:
    """Render the message and send it, and note on the row what came of it."""
    try:
        # For the length of the reading, and closed before anything is sent.
        with transaction.atomic():
            rendered = _rendered(message, at)
        if rendered is not None:
            _send(message, rendered)
    except Exception as error:
        message.last_error = type(error).__name__
        outcome = "failed"
        log.error("delivery_failed", kind=message.kind, message=str(message.id), error=message.last_error)
    else:
        outcome = _close(message, at, sent=rendered is not None)
    _note(message)
    DELIVERED.labels(kind=message.kind, outcome=outcome).inc()
    return outcome


def _note(message: "Message") -> None:
    """Note on the row what came of it; nothing on one that was dropped with its words while it was being sent."""
    from . import mail
    from .models import Message

    with transaction.atomic():
        waiting = Message.objects.select_for_update().filter(pk=message.pk, dropped_at=None)
        if waiting.exists():
            message.save(update_fields=["delivered_at", "dropped_at", "last_error", "data"])
        else:
            mail.forget(message_id(message))


def message_id(message: "Message") -> str:
    """The Message-ID of a message's e-mail."""
    return f"<{message.id}@{settings.MAIL_DOMAIN}>"


def _rendered(message: "Message", at: datetime) -> box.RenderedMessage | None:
    if sealed.is_over(message, at):
        return None
    if sealed.has_words(message):
        return sealed.open_sealed(message)
    return box.renderer_of(message.kind)(message, at)


def _close(message: "Message", at: datetime, *, sent: bool) -> str:
    """The message was sent, or is no longer wanted: its sealed words are not kept."""
    sealed.empty(message)
    message.last_error = ""
    if sent:
        message.delivered_at = at
        return "delivered"
    message.dropped_at = at
    return "dropped"


def _send(message: "Message", rendered: box.RenderedMessage) -> None:
    """The Message-ID follows from the row, so that a second delivery after a crash is recognised as the same e-mail."""
    headers = {"Message-ID": message_id(message)}
    EmailMessage(rendered.subject, rendered.body, settings.DEFAULT_FROM_EMAIL, [rendered.to], headers=headers).send()
