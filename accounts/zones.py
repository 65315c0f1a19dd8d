"""The time zone in which the owner of an account reads, learned from their browser. Messages go by it; nothing that the
program decides does.
"""

from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse

from ui import zone

from .models import User


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of(user: User) -> ZoneInfo | None:
    """None while none is known."""
    return zone.zone_named(user.zone)


def remember(user: User, name: str) -> bool:
    """Keep the zone of that name with the account; whether it is another one than before. No other name is kept."""
    if name == user.zone or name not in _names():
        return False
    user.zone = name
    return bool(User.objects.filter(pk=user.pk).exclude(zone=name).update(zone=name))


class AccountZoneMiddleware:
    """Middleware: keeps the zone that the browser of the signed-in owner tells. Stands behind `ReaderZoneMiddleware`,
    and what keeps from a page those who are not fully signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request. No account is looked up for this alone: a page without a session has none."""
        told = zone.reader.get()
        if told is not None and request.session.get("_auth_user_id") and request.user.is_authenticated:
            remember(request.user, told.key)
        return self.get_response(request)
