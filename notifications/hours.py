"""Hours by the clock of whoever reads a message: the quiet ones at night, and nine o'clock of a last day.

Each instant is worked out from a day and an hour of that clock, never by adding hours: both clock changes are in it.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: From then until then nothing is sent that can wait.
EVENING, MORNING = time(21), time(8)

#: When the digest of a practice goes.
DIGEST = time(7, 30)

_DAY = timedelta(days=1)


def is_quiet(at: datetime, zone: ZoneInfo) -> bool:
    """Whether it is night by that clock."""
    local = at.astimezone(zone).time()
    return local >= EVENING or local < MORNING


def following(at: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The first instant from `at` on at which that clock shows `clock`, in UTC."""
    return min(one for one in _around(at, clock, zone) if one >= at)


def latest(before: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """The last instant before `before` at which that clock shows `clock`, in UTC."""
    return max(one for one in _around(before, clock, zone) if one < before)


def _around(at: datetime, clock: time, zone: ZoneInfo) -> list[datetime]:
    day = at.astimezone(zone).date()
    return [datetime.combine(day + count * _DAY, clock, zone).astimezone(UTC) for count in range(-2, 3)]
