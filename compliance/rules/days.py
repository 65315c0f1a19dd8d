"""Instants and days. A day is a calendar date in the program's own time zone (rules, section 2)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=8)
def zone(name: str) -> ZoneInfo:
    """The time zone of that name."""
    return ZoneInfo(name)


def day(at: datetime, tz: ZoneInfo) -> date:
    """The calendar date of instant `at` in `tz`; `at` must carry an offset."""
    return at.astimezone(tz).date()


def midnight(on: date, tz: ZoneInfo) -> datetime:
    """The instant at which the day `on` begins in `tz`, in UTC."""
    return datetime.combine(on, time.min, tz).astimezone(UTC)


def plus(on: date, days: int) -> date:
    """`days` calendar days after `on`."""
    return on + timedelta(days=days)


def birthday(born_on: date, age: int) -> date:
    """The day on which one born on `born_on` turns `age`; 29 February becomes 1 March in other years."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 3, 1)


def age(born_on: date, on: date) -> int:
    """Whole years between `born_on` and `on`, counted by birthdays (rules, section 5.1)."""
    years = on.year - born_on.year
    return years - 1 if on < birthday(born_on, years) else years


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    def covers(self, on: date) -> bool:
        """Whether `on` is one of its days."""
        return self.first <= on <= self.last
