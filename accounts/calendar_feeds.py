"""The secret address at which a calendar program reads the dates of one place of an account, without signing in.

Whoever has the address reads what is there. It is made of 256 random bits, and the database has its hash alone: who
reads the database opens nothing. It is shown once. A new one ends the one before, which then finds nothing.
"""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db.models import Q
from django.utils.crypto import salted_hmac

from ledger.actor import Actor
from ledger.idempotency import Request, Result, once

from .events import is_open, lock, note
from .models import CalendarFeed, User
from .places import Place

_PURPOSE = "accounts.calendar-feed"


class NotTheirs(PermissionError):
    """The account is closed, or does not hold that place."""


class Replaced(ValueError):
    """The same request made an address that is none any more."""


def digest_of(token: str) -> str:
    """The hash under which an address is kept. It needs no key: nobody can try 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def _token_of(account: UUID, key: UUID) -> str:
    """The token that a request makes: the same however often it is sent, and known to nobody without SECRET_KEY."""
    return (
        urlsafe_b64encode(salted_hmac(_PURPOSE, f"{account}:{key}", algorithm="sha256").digest()).decode().rstrip("=")
    )


def make(*, user: User, place: Place, by: Actor, at: datetime, key: UUID) -> str:
    """A new address for that place of the owner's; its token. The one before ends.

    Raises NotTheirs, KeyReused, and Replaced where the same request was followed by another.
    """
    _ensure_theirs(user, place, by)
    token = _token_of(user.pk, key)
    request = Request(action="make-calendar-feed", by=by, at=at, key=key, body={"place": place.code})
    once(request, partial(_lock, user.pk), partial(_make, user, place, digest_of(token), request))
    if not CalendarFeed.objects.filter(digest=digest_of(token)).exists():
        raise Replaced
    return token


def switch_off(*, user: User, place: Place, by: Actor, at: datetime, key: UUID) -> bool:
    """The address of that place ends; whether there was one. Raises NotTheirs, KeyReused."""
    _ensure_theirs(user, place, by)
    request = Request(action="end-calendar-feed", by=by, at=at, key=key, body={"place": place.code})
    return not once(request, partial(_lock, user.pk), partial(_switch_off, user, place, request))["codes"]


def _ensure_theirs(user: User, place: Place, by: Actor) -> None:
    if by.account != user.pk or place not in user.places:
        raise NotTheirs


def _lock(account: UUID) -> None:
    """The account's row. Raises NotTheirs where it is closed."""
    if not lock(account) or not is_open(account):
        raise NotTheirs


def _make(user: User, place: Place, digest: str, request: Request, _locked: None) -> Result:
    values = {"digest": digest, "made_at": request.at, "read_on": None}
    CalendarFeed.objects.update_or_create(user=user, place=place.code, defaults=values)
    numbers = note(user.pk, "calendar_feed_made", by=request.by, at=request.at, key=request.key)
    return Result(subject=user.pk, records=numbers)


def _switch_off(user: User, place: Place, request: Request, _locked: None) -> Result:
    deleted, _ = CalendarFeed.objects.filter(user=user, place=place.code).delete()
    if not deleted:
        return Result(codes=("none",), subject=user.pk)
    numbers = note(user.pk, "calendar_feed_ended", by=request.by, at=request.at, key=request.key)
    return Result(subject=user.pk, records=numbers)


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom an address was made: the account, which acts in that place from here on."""

    feed: CalendarFeed
    user: User
    place: Place


def reader_of(token: str) -> Reader | None:
    """Whose address that is; None where it is none, was replaced or switched off, or its account or place is closed."""
    feed = CalendarFeed.objects.select_related("user").filter(digest=digest_of(token), user__is_active=True).first()
    if feed is None:
        return None
    feed.user.act_in(feed.place)
    place = feed.user.place
    return Reader(feed, feed.user, place) if place is not None else None


def feed_of(user: User, place: Place) -> CalendarFeed | None:
    """The address of that place, where there is one."""
    return CalendarFeed.objects.filter(user=user, place=place.code).first()


def is_first_today(feed: CalendarFeed, today: date) -> bool:
    """Note that it was read on that day; whether it had not been yet. One of several at once is told so."""
    never_or_before = Q(read_on=None) | Q(read_on__lt=today)
    return feed.read_on != today and bool(
        CalendarFeed.objects.filter(never_or_before, pk=feed.pk).update(read_on=today)
    )


def end_all(user: User) -> None:
    """Every address of an account that is closed, or that was recovered from somebody else's hands."""
    CalendarFeed.objects.filter(user=user).delete()


def end_of_place(code: str) -> None:
    """The address of a place that is nobody's any more."""
    CalendarFeed.objects.filter(place=code).delete()
