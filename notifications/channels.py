"""By which channels a rendered message goes: asked of its reader's preferences when it is about to be sent.

A message has one channel. Where its reader wants another one instead, it takes that; for each further one it enqueues
a message of its own, whose key ends with the channel. So each goes once by each channel, however often it is tried and
whatever is chosen meanwhile. Where it did not arrive by its channel, the same goes for the one that is left.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import outbox
from outbox import RenderedMessage
from outbox.box import Renderer
from outbox.channels import CHANNELS, SMS
from outbox.models import Message
from outbox.outcomes import NOT_WANTED

from . import numbers, preferences, unsubscribe
from .kinds import KINDS
from .recipients import OF, Recipient
from .rendering import ForReader, footer

#: In a message's data: the channel of the message from which it came; that it goes in the place of that one; and by
#: which channels it can go where its own one takes nothing.
OF_CHANNEL, IN_PLACE, OTHERWISE = "of_channel", "in_place", "otherwise"


def as_chosen(renderer: Renderer) -> Renderer:
    """That renderer, whose messages go by the channels that their readers chose."""

    def render(message: Message, at: datetime) -> RenderedMessage | None:
        found = renderer(message, at)
        return _by_channel(message, found) if isinstance(found, ForReader) else found

    return render


def _by_channel(message: Message, found: ForReader) -> RenderedMessage | None:
    ways = preferences.ways(found.reader, found.chosen_as, KINDS[message.kind])
    wanted = ways.on(message.data[OF_CHANNEL] if IN_PLACE in message.data else "")
    if message.channel not in wanted and not _moved(message, wanted):
        return None
    if OF_CHANNEL not in message.data:
        _enqueue_others(message, [channel for channel in wanted if channel != message.channel])
    if otherwise := ways.on(message.channel):
        message.data = message.data | {OTHERWISE: list(otherwise)}  # noted with the outcome
    if message.channel == SMS:
        return replace(found, to=_number(found.reader), subject="", body=found.text)
    return _with_footer(message, found)


def in_place(message: Message) -> list[Message]:
    """What goes in the place of a message that did not arrive: the same, by each channel by which none goes or went."""
    base = _base(message)
    others = [one for one in message.data.get(OTHERWISE, ()) if one != message.channel and _is_free(base, one)]
    return [_other(message, base, channel, {IN_PLACE: True}) for channel in others]


def _number(to: Recipient) -> str:
    """Where a text message goes: to a number that is being confirmed, else to the one that was."""
    if to.account is None:
        return to.number or ""
    return numbers.number_of(to.account, to.number)


def _moved(message: Message, wanted: Sequence[str]) -> bool:
    """Whether it now goes by a channel that is wanted, and by which no other one goes."""
    for channel in wanted:
        if _is_free(_base(message), channel):
            message.channel = channel
            Message.objects.filter(pk=message.pk).update(channel=channel)
            return True
    return False


def _base(message: Message) -> str:
    """The key of the message from which it came, or its own."""
    of = message.data.get(OF_CHANNEL)
    return message.key.rpartition(":")[0] if of is not None else message.key


def _is_free(base: str, channel: str) -> bool:
    """Whether none of them goes or went by that channel: neither the first one nor one with a key of its own."""
    rows = Message.objects.filter(key__in=[base, *(f"{base}:{one}" for one in CHANNELS)], channel=channel)
    return not rows.exclude(outcome=NOT_WANTED).exists()


def _enqueue_others(message: Message, others: Sequence[str]) -> None:
    own = [_other(message, message.key, channel, {}) for channel in others]
    outbox.enqueue(own, at=message.due_at)


def _other(message: Message, base: str, channel: str, more: dict[str, bool]) -> Message:
    of = {OF_CHANNEL: message.channel, OF: message.data.get(OF, message.key)}
    kept = {name: value for name, value in message.data.items() if name not in (OTHERWISE, IN_PLACE)}
    return Message(
        key=f"{base}:{channel}", kind=message.kind, channel=channel, subject=message.subject, due_at=message.due_at,
        data=kept | of | more,
    )  # fmt: skip


def _with_footer(message: Message, found: ForReader) -> RenderedMessage:
    """The e-mail, with the link that ends such ones where they are not required."""
    if preferences.is_required(found.chosen_as, KINDS[message.kind]):
        return found
    box = preferences.Box(found.chosen_as, message.kind, message.channel)
    url = unsubscribe.link(found.reader.owners[-1], box)
    return replace(found, body=f"{found.body}\n\n{footer(found.reader, url)}", unsubscribe=url)
