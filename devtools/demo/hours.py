"""The demo's people live where it is day when it starts, so that what is due goes out within its first minute."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Least

from accounts.models import User
from notifications import hours
from outbox.models import Message

#: After the program's own, some that are spread around the earth: in one of them it is always day.
_ELSEWHERE = ("Pacific/Honolulu", "Pacific/Auckland", "Asia/Tokyo", "Asia/Kolkata", "Europe/Madrid")
_FROM, _UNTIL = time(8, 45), time(19)


def zone_where_it_is_day(at: datetime) -> str:
    """The program's zone, or the first one elsewhere in which nobody sleeps and the morning's letters are due."""
    zones = (settings.TIME_ZONE, *_ELSEWHERE)
    return next(name for name in zones if _FROM <= at.astimezone(ZoneInfo(name)).time() < _UNTIL)


def settle(at: datetime) -> None:
    """Give everybody that zone; and what waits fell due before this morning's digest there, which is late then."""
    zone = zone_where_it_is_day(at)
    User.objects.update(zone=zone)
    morning = hours.latest(at, hours.DIGEST, ZoneInfo(zone))
    due_at = Least(F("due_at"), Value(morning))
    Message.objects.filter(delivered_at=None, dropped_at=None).update(due_at=due_at, enqueued_at=due_at)
