"""Instants, days and ages."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from compliance.rules import days

CHICAGO = ZoneInfo("America/Chicago")


def test_a_zone_is_found_by_its_name() -> None:
    assert days.zone("America/Chicago") == CHICAGO


def test_a_day_begins_at_local_midnight() -> None:
    assert days.midnight(date(2026, 7, 1), CHICAGO) == datetime(2026, 7, 1, 5, tzinfo=UTC)
    assert days.midnight(date(2026, 7, 1), CHICAGO).tzinfo is UTC
    assert days.day(datetime(2026, 7, 1, 4, 59, 59, tzinfo=UTC), CHICAGO) == date(2026, 6, 30)
    assert days.day(datetime(2026, 7, 1, 5, tzinfo=UTC), CHICAGO) == date(2026, 7, 1)


#: Name -> (born on, the day, the age).
AGES: dict[str, tuple[date, date, int]] = {
    "the day before a birthday": (date(2001, 4, 2), date(2026, 4, 1), 24),
    "the birthday": (date(2001, 4, 2), date(2026, 4, 2), 25),
    "the day after": (date(2001, 4, 2), date(2026, 4, 3), 25),
    "a leap day, on 28 February of another year": (date(2008, 2, 29), date(2026, 2, 28), 17),
    "a leap day, on 1 March of another year": (date(2008, 2, 29), date(2026, 3, 1), 18),
    "a leap day, in a leap year": (date(2008, 2, 29), date(2028, 2, 29), 20),
    "the day of birth": (date(2001, 4, 2), date(2001, 4, 2), 0),
}


@pytest.mark.parametrize("name", AGES)
def test_an_age_is_counted_by_birthdays(name: str) -> None:
    born_on, on, age = AGES[name]
    assert days.age(born_on, on) == age
    assert days.birthday(born_on, age) <= on < days.birthday(born_on, age + 1)
