"""Sealed messages: rendered where they are enqueued, and encrypted in their row until the worker sends them.

For words that cannot be worked out again from what stands in the database, such as a link that opens an account: nobody
reads it in the outbox, and nothing of it is left once it was sent.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from ledger.encryption import cipher

from .box import RenderedMessage, enqueue

if TYPE_CHECKING:
    from .models import Message

_PURPOSE = "outbox.sealed-message"
_SEALED, _UNTIL = "sealed", "until"


def enqueue_rendered(rendered: RenderedMessage, *, kind: str, at: datetime, until: datetime | None = None) -> None:
    """Enqueue those words in the caller's transaction, encrypted. After `until` they are no longer sent."""
    from .models import Message

    data = {_SEALED: cipher(_PURPOSE).encrypt(json.dumps(asdict(rendered)).encode()).decode()}
    if until is not None:
        data[_UNTIL] = until.isoformat()
    number = uuid4()
    enqueue([Message(id=number, key=f"sealed:{number}", kind=kind, subject=None, data=data, due_at=at)], at=at)


def is_sealed(message: "Message") -> bool:
    """Whether the message carries its words."""
    return _SEALED in message.data


def open_sealed(message: "Message", at: datetime) -> RenderedMessage | None:
    """The words; None when it is too late for them. Raises InvalidToken for what another installation sealed."""
    if _UNTIL in message.data and at > datetime.fromisoformat(message.data[_UNTIL]):
        return None
    return RenderedMessage(**json.loads(cipher(_PURPOSE).decrypt(message.data[_SEALED].encode())))


def empty(message: "Message") -> None:
    """Forget the words."""
    message.data.pop(_SEALED, None)
