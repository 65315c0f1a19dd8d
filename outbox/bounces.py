"""What a provider tells of an e-mail after it took it: it arrived, or came back for good.

An e-mail is known by the number of its message, which goes along as metadata; by the provider's id; or by its
Message-ID. What is told of any other is nothing to us.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from anymail.signals import EventType, RejectReason
from django.db import transaction

from . import digests, sealed, unreachable
from .delivery import SENT
from .models import Message
from .outcomes import BOUNCED, DELIVERED

log = structlog.get_logger(__name__)

#: The member of an e-mail's metadata that holds the number of its message.
METADATA = "message"

#: Reasons that are the address's own. A list of senders, or a complaint about one letter, says nothing about it.
_OF_ADDRESS = (None, RejectReason.BOUNCED, RejectReason.INVALID)
#: What Postmark calls bounces as well, though the next e-mail may arrive.
_SOFT = ("SoftBounce",)


def take(event: Any, *, at: datetime) -> str:
    """Note what one event says, of an e-mail of ours; the outcome that was noted, or empty where there was nothing to.

    `event` is a tracking event of anymail. To note the same twice changes nothing.
    """
    outcome = _outcome(event)
    if not outcome:
        return ""
    with transaction.atomic():
        message = _message(event)
        if message is None:
            return ""
        if outcome == DELIVERED:
            arrived(message, event.recipient or "", at)
        else:
            answer = event.reject_reason or event.event_type
            came_back(message, event.recipient or "", answer, at)
    return outcome


def _outcome(event: Any) -> str:
    if event.event_type == EventType.DELIVERED:
        return DELIVERED
    is_back = event.event_type in (EventType.BOUNCED, EventType.REJECTED)
    told = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    return BOUNCED if is_back and event.reject_reason in _OF_ADDRESS and told.get("Type") not in _SOFT else ""


def _message(event: Any) -> Message | None:
    """The message that it is about, locked."""
    rows = Message.objects.select_for_update()
    number = _number((event.metadata or {}).get(METADATA)) or _number(_local_part(event.message_id))
    if number is not None:
        return rows.filter(pk=number).first()
    return rows.filter(provider_id=event.message_id).first() if event.message_id else None


def _local_part(message_id: object) -> str:
    return str(message_id or "").strip("<>").partition("@")[0]


def _number(text: object) -> UUID | None:
    """A message's number; a provider's own id may look like one, and is then no message's."""
    try:
        number = UUID(str(text))
    except ValueError:
        return None
    return number if Message.objects.filter(pk=number).exists() else None


def arrived(message: Message, address: str, at: datetime) -> None:
    """It arrived at that address."""
    unreachable.forget(address)
    if message.outcome == DELIVERED:
        message.answer = DELIVERED
        message.save(update_fields=["answer"])
        digests.follow(message, at=at)


def came_back(message: Message, address: str, answer: str, at: datetime) -> None:
    """It went out, whether or not that was noted yet, and is not sent again. No address: that may take others."""
    unreachable.note(address, at=at, answer=answer)
    if message.outcome == BOUNCED or message.dropped_at is not None:
        return
    message.delivered_at = message.delivered_at or at
    message.outcome, message.answer = BOUNCED, answer
    sealed.empty(message)
    message.save(update_fields=["delivered_at", "outcome", "answer", "data"])
    digests.follow(message, at=at)
    SENT.labels(kind=message.kind, outcome=BOUNCED).inc()
    log.warning("message_bounced", kind=message.kind, message=str(message.id), answer=message.answer)
