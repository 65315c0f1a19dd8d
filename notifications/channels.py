"""By which channels a rendered message goes: asked of its reader's preferences when it is about to be sent.

A message has one channel. Where its reader wants another one instead, it takes that; for each further one it enqueues
a message of its own, whose key ends with the channel. So each goes once by each channel, however often it is tried and
whatever is chosen meanwhile.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import outbox
from outbox import RenderedMessage
from outbox.box import Renderer
from outbox.channels import SMS
from outbox.models import Message

from . import numbers, preferences, unsubscribe
from .kinds import KINDS
from .recipients import OF, Recipient
from .rendering import ForReader, footer

#: In a message's data: the channel of the message from which it came.
OF_CHANNEL = "of_channel"


def as_chosen(renderer: Renderer) -> Renderer:
    """That renderer, whose messages go by the channels that their readers chose."""

    def render(message: Message, at: datetime) -> RenderedMessage | None:
        found = renderer(message, at)
        return _by_channel(message, found) if isinstance(found, ForReader) else found

    return render


def _by_channel(message: Message, found: ForReader) -> RenderedMessage | None:
    kind = KINDS[message.kind]
    wanted = preferences.channels(found.reader, found.chosen_as, kind)
    if message.channel not in wanted and not _moved(message, wanted):
        return None
    if OF_CHANNEL not in message.data:
        _enqueue_others(message, [channel for channel in wanted if channel != message.channel])
    if message.channel == SMS:
        return replace(found, to=_number(found.reader), subject="", body=found.text)
    return _with_footer(message, found)


def _number(to: Recipient) -> str:
    """Where a text message goes: to a number that is being confirmed, else to the one that was."""
    if to.account is None:
        return to.number or ""
    return numbers.number_of(to.account, to.number)


def _moved(message: Message, wanted: Sequence[str]) -> bool:
    """Whether it now goes by a channel that is wanted, and by which no other one goes."""
    if OF_CHANNEL in message.data:
        return False
    for channel in wanted:
        if not Message.objects.filter(key=_key(message, channel)).exists():
            message.channel = channel
            Message.objects.filter(pk=message.pk).update(channel=channel)
            return True
    return False


def _key(message: Message, channel: str) -> str:
    return f"{message.key}:{channel}"


def _enqueue_others(message: Message, others: Sequence[str]) -> None:
    own = [
        Message(
            key=_key(message, channel), kind=message.kind, channel=channel, subject=message.subject,
            due_at=message.due_at,
            data=message.data | {OF_CHANNEL: message.channel, OF: message.data.get(OF, message.key)},
        )
        for channel in others
    ]  # fmt: skip
    outbox.enqueue(own, at=message.due_at)


def _with_footer(message: Message, found: ForReader) -> RenderedMessage:
    """The e-mail, with the link that ends such ones where they are not required."""
    if preferences.is_required(found.chosen_as, KINDS[message.kind]):
        return found
    box = preferences.Box(found.chosen_as, message.kind, message.channel)
    url = unsubscribe.link(found.reader.owners[-1], box)
    return replace(found, body=f"{found.body}\n\n{footer(found.reader, url)}", unsubscribe=url)
