"""The reader's time zone, as the browser told it in a cookie. Shown beside program time, never decided by."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: Its name where pages are encrypted, by which browsers take it from this very host only; and on a developer's machine.
COOKIES = ("__Host-zone", "zone")

#: The zone of whoever reads the page now; None when the browser has not said.
reader: ContextVar[ZoneInfo | None] = ContextVar("reader", default=None)


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo | None:
    """The zone of that name; None when there is none (a cookie can say anything)."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def program() -> ZoneInfo:
    """The program's zone (rules, section 2)."""
    return ZoneInfo(settings.TIME_ZONE)


def differs(at: datetime) -> ZoneInfo | None:
    """The reader's zone if its clock shows another time than the program's at that instant."""
    zone = reader.get()
    if zone is None or at.astimezone(zone).utcoffset() == at.astimezone(program()).utcoffset():
        return None
    return zone


def begin_of(day: date) -> datetime:
    """The instant, in UTC, at which that day begins in the program's zone: its local midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=program()).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The instant, in UTC, at which that day ends in the program's zone: the next local midnight."""
    return begin_of(day + timedelta(days=1))


class ReaderZoneMiddleware:
    """Middleware: sets `reader` for the time of one request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request while its reader's zone is known."""
        text = next((request.COOKIES[name] for name in COOKIES if name in request.COOKIES), "")
        token = reader.set(zone_named(text[:64]))
        try:
            return self.get_response(request)
        finally:
            reader.reset(token)
