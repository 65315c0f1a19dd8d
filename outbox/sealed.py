"""Sealed messages: what they say, or what they are about, is encrypted in their row until the worker sends them.

For what cannot be worked out again from what stands in the database, such as a link that opens an account, or the
address of somebody who is nobody yet: nobody reads it in the outbox, and nothing of it is left once it was sent.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cryptography.fernet import InvalidToken

from ledger.encryption import cipher

from .box import RenderedMessage, enqueue
from .channels import EMAIL
from .outcomes import NOT_WANTED

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from .models import Message

_PURPOSE = "outbox.sealed-message"
#: The words of a message that was rendered where it was enqueued; or facts, of which its renderer makes the words.
_SEALED, _IS_FACTS, _UNTIL = "sealed", "facts", "until"

#: The member in which a message has an encrypted address that no row has.
ADDRESS = "address"


def enqueue_rendered(rendered: RenderedMessage, *, kind: str, at: datetime, until: datetime | None = None) -> None:
    """Enqueue those words in the caller's transaction, encrypted. After `until` they are no longer sent."""
    _enqueue({_SEALED: _seal(asdict(rendered))}, kind=kind, at=at, until=until)


def enqueue_sealed(
    facts: Mapping[str, str],
    *,
    kind: str,
    at: datetime,
    until: datetime | None = None,
    key: str = "",
    channel: str = EMAIL,
) -> None:
    """Enqueue a message whose renderer knows what it is about by `facts_of` alone. One with that key is sent once."""
    _enqueue({_SEALED: _seal(facts), _IS_FACTS: True}, kind=kind, at=at, until=until, key=key, channel=channel)


def _seal(content: Mapping[str, Any]) -> str:
    return cipher(_PURPOSE).encrypt(json.dumps(dict(content)).encode()).decode()


def _enqueue(
    data: dict[str, Any], *, kind: str, at: datetime, until: datetime | None, key: str = "", channel: str = EMAIL
) -> None:
    from .models import Message

    if until is not None:
        data[_UNTIL] = until.isoformat()
    number = uuid4()
    name = key or f"sealed:{number}"
    enqueue([Message(id=number, key=name, kind=kind, channel=channel, subject=None, data=data, due_at=at)], at=at)


def has_words(message: "Message") -> bool:
    """Whether the message carries its words."""
    return _SEALED in message.data and _IS_FACTS not in message.data


def is_over(message: "Message", at: datetime) -> bool:
    """Whether it is too late to send what was sealed."""
    return _UNTIL in message.data and at > datetime.fromisoformat(message.data[_UNTIL])


def open_sealed(message: "Message") -> RenderedMessage:
    """The words. Raises InvalidToken for what another installation sealed."""
    return RenderedMessage(**_opened(message))


def facts_of(message: "Message") -> dict[str, str]:
    """What the message is about. Raises InvalidToken for what another installation sealed."""
    return {name: str(value) for name, value in _opened(message).items()}


def _opened(message: "Message") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(cipher(_PURPOSE).decrypt(message.data[_SEALED].encode()))
    return content


def content_of(message: "Message") -> set[str]:
    """All that is sealed in it, in small letters; nothing of what another installation sealed."""
    try:
        return {str(value).lower() for value in _opened(message).values()}
    except InvalidToken:
        return set()


def empty(message: "Message") -> None:
    """Forget what is encrypted: what was sealed, or an address."""
    message.data.pop(_SEALED, None)
    message.data.pop(ADDRESS, None)


def is_sealed(message: "Message") -> bool:
    """Whether the message carries what it is to say, or what it is about."""
    return _SEALED in message.data


def encrypted() -> "QuerySet[Message]":
    """The messages in which something is encrypted."""
    from .models import Message

    return Message.objects.filter(data__has_any_keys=[_SEALED, ADDRESS])


def drop(message: "Message", *, at: datetime) -> None:
    """It is sent no more, if it was not yet, and what is encrypted in it is forgotten."""
    empty(message)
    if message.delivered_at is None and message.dropped_at is None:
        message.dropped_at, message.outcome = at, NOT_WANTED
    message.save(update_fields=["dropped_at", "outcome", "data"])
