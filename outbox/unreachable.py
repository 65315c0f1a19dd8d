"""Addresses that take no e-mail: known by a keyed mark, so that no address stands here, from the first refusal on.

It ends when the address is corrected, because the new one has another mark; or when an e-mail arrives there after all.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

from .models import UnreachableAddress

_PURPOSE = "outbox.unreachable-address"


def _mark(address: str, secret: str) -> str:
    return salted_hmac(_PURPOSE, address.strip().lower(), secret=secret, algorithm="sha256").hexdigest()


def _marks(address: str) -> list[str]:
    """Under the present key and those before it."""
    return [_mark(address, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def note(address: str, *, at: datetime, answer: str) -> None:
    """An e-mail to that address came back, or was refused for good. The first time counts."""
    if address and not UnreachableAddress.objects.filter(mark__in=_marks(address)).exists():
        row = UnreachableAddress(mark=_marks(address)[0], since=at, answer=answer[:80])
        UnreachableAddress.objects.bulk_create([row], ignore_conflicts=True)


def forget(*addresses: str) -> None:
    """An e-mail arrived there, or nobody is written to at it any more."""
    marks = [mark for address in addresses if address for mark in _marks(address)]
    if marks:
        UnreachableAddress.objects.filter(mark__in=marks).delete()


def since(addresses: Iterable[str]) -> Mapping[str, datetime]:
    """Those of the addresses that take nothing, and since when. One query."""
    by_mark = {mark: address for address in addresses if address for mark in _marks(address)}
    rows = UnreachableAddress.objects.filter(mark__in=by_mark).values_list("mark", "since")
    return {by_mark[mark]: at for mark, at in rows} if by_mark else {}


def count() -> int:
    """How many addresses take nothing."""
    return UnreachableAddress.objects.count()
