"""The days on which laboratories are likely to be closed: no test is recommended for one."""

from datetime import date

import pytest

from compliance.rules.workdays import holiday, is_weekend, is_workday

#: Name -> (a day, the name of its holiday, whether it is of the weekend, whether people work on it).
DAYS: dict[str, tuple[date, str, bool, bool]] = {
    "a Monday": (date(2026, 11, 30), "", False, True),
    "a Friday": (date(2026, 12, 4), "", False, True),
    "a Saturday": (date(2026, 12, 5), "", True, False),
    "a Sunday": (date(2026, 12, 6), "", True, False),
    "a holiday on a Friday": (date(2026, 12, 25), "Christmas Day", False, False),
    "a holiday on a Saturday": (date(2026, 7, 4), "Independence Day", True, False),
    "the Friday on which that is observed": (date(2026, 7, 3), "Independence Day (observed)", False, False),
    "next year's first day, observed on this year's last": (
        date(2027, 12, 31), "New Year's Day (observed)", False, False),
    "the same day of a year in which it is none": (date(2026, 12, 31), "", False, True),
    "a holiday of some states alone": (date(2026, 11, 27), "", False, True),
}  # fmt: skip


@pytest.mark.parametrize("name", DAYS)
def test_weekends_and_federal_holidays_are_no_working_days(name: str) -> None:
    on, holiday_name, weekend, works = DAYS[name]
    assert (holiday(on), is_weekend(on), is_workday(on)) == (holiday_name, weekend, works)
