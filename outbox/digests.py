"""Digests: messages that carry others. A line, once it is in one, is sent by nothing else, and what becomes of its
digest becomes of it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from .box import enqueue, in_place
from .outcomes import NOT_BY_THIS_CHANNEL, NOT_WANTED

if TYPE_CHECKING:
    from .models import Message

#: The kind of a message that carries others.
DIGEST = "digest"

#: In a digest's data: that it was rendered once.
_BEGUN = "begun"


def put_in(line: "Message", digest: "Message", *, at: datetime) -> "Message | None":
    """Put the line in the digest of that key, which is enqueued if there is none yet; None where it is too late.

    In a transaction of the caller. A digest that was begun takes no more: whoever renders it sees all its lines.
    """
    from .models import Message

    enqueue([digest], at=at)
    open_ones = Message.objects.filter(delivered_at=None, dropped_at=None).exclude(data__has_key=_BEGUN)
    row = open_ones.select_for_update().filter(key=digest.key).first()
    if row is not None:
        Message.objects.filter(pk=line.pk).update(digest=row)
    return row


def begin(digest: "Message") -> None:
    """From now on it takes no more lines. In the transaction in which it is rendered."""
    from .models import Message

    Message.objects.select_for_update().filter(pk=digest.pk).first()
    digest.data = digest.data | {_BEGUN: True}
    Message.objects.filter(pk=digest.pk).update(data=digest.data)


def lines_of(digest: "Message") -> "QuerySet[Message]":
    """What waits to go with it, as it fell due."""
    from .models import Message

    return Message.objects.filter(digest=digest.pk, delivered_at=None, dropped_at=None).order_by("due_at", "id")


def drop(lines: "Iterable[Message]", *, at: datetime) -> None:
    """They are no longer wanted."""
    _change(lines, dropped_at=at, outcome=NOT_WANTED)


def take_out(lines: "Iterable[Message]", *, at: datetime) -> None:
    """They go on by themselves, and are asked anew to whom."""
    _change(lines, digest=None, next_attempt_at=at)


def _change(lines: "Iterable[Message]", **values: object) -> None:
    from .models import Message

    waiting = Message.objects.filter(pk__in=[line.pk for line in lines], delivered_at=None, dropped_at=None)
    waiting.update(**values)


def follow(message: "Message", *, at: datetime) -> None:
    """What follows from the outcome of a message, in the transaction in which it is noted.

    Where it did not arrive, another goes in its place by another channel, if there is one. If it is a digest, that one
    takes its lines; otherwise what became of it becomes of them.
    """
    from .models import Message

    others = list(in_place(message)) if message.outcome in NOT_BY_THIS_CHANNEL else []
    enqueue(others, at=at)
    if message.kind != DIGEST:
        return
    lines = Message.objects.filter(digest=message.pk).exclude(outcome=NOT_WANTED)
    other = Message.objects.filter(key__in=[one.key for one in others]).first()
    if other is not None:
        lines.update(digest=other, delivered_at=None, dropped_at=None, outcome="", answer="", last_error="")
    else:
        lines.update(
            delivered_at=message.delivered_at, dropped_at=message.dropped_at, outcome=message.outcome,
            answer=message.answer, last_error=message.last_error, channel=message.channel,
        )  # fmt: skip
