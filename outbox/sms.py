"""Text messages: a gateway of two methods, and what becomes of a message that goes by it.

There are two gateways: a provider (`outbox.twilio`), and a page for the demo and the tests. Without one none is sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from .outcomes import DELIVERED, FAILED, InvalidAddressError, Result

if TYPE_CHECKING:
    from .box import RenderedMessage
    from .models import Message

#: A number as gateways take it: E.164.
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")

#: The letters of one text message of 160 (3GPP TS 23.038, the basic table). With any other it holds 70.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


class UnprovedError(Exception):
    """What was told of a message does not come from the provider."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a provider tells of a text message that it took."""

    #: The number of our message, where it is told; and the provider's.
    message: UUID | None
    provider_id: str
    to: str
    is_delivered: bool
    answer: str = ""
    #: Whether it did not arrive because of the number itself, which takes nothing.
    is_number: bool = False


class Gateway(Protocol):
    """Sends text messages, and reads what is told of them."""

    def send(self, to: str, text: str, *, message: UUID) -> Result:
        """Send a text to a number; what was answered. It raises nothing that names a number."""

    def statuses(self, request: HttpRequest) -> Sequence[Status]:
        """What a request of the provider tells. Raises UnprovedError, ValueError for what cannot be read."""


class PageGateway:
    """Keeps each text for the outbox page; a second one of a message is the same text."""

    def send(self, to: str, text: str, *, message: UUID) -> Result:
        """Keep the text."""
        from .models import CapturedText

        CapturedText.objects.bulk_create([CapturedText(message=message, to=to, text=text)], ignore_conflicts=True)
        return Result(DELIVERED, "kept")

    def statuses(self, request: HttpRequest) -> Sequence[Status]:
        """A page tells nothing."""
        raise UnprovedError


def gateway() -> Gateway | None:
    """The gateway of this installation; None where it sends no text messages."""
    if not settings.SMS_GATEWAY:
        return None
    made: Gateway = import_string(settings.SMS_GATEWAY["class"])(**settings.SMS_GATEWAY.get("options", {}))
    return made


def letters_left(text: str) -> int:
    """How many letters there still are in one text message; below zero where it takes several."""
    return (160 if set(text) <= _GSM else 70) - len(text)


def send(message: "Message", rendered: "RenderedMessage") -> Result:
    """Send a rendered message as a text. Raises InvalidAddressError for what is no number."""
    if not _NUMBER.fullmatch(rendered.to):
        raise InvalidAddressError
    sender = gateway()
    if sender is None:
        return Result(FAILED, error="NoGateway")
    return sender.send(rendered.to, rendered.body, message=message.id)


def forget(messages: Sequence[UUID] = (), *, numbers: Sequence[str] = ()) -> None:
    """Remove the kept texts of those messages, and those to these numbers."""
    from .models import CapturedText

    CapturedText.objects.filter(message__in=messages).delete()
    CapturedText.objects.filter(to__in=numbers).delete()
