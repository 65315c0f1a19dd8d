"""Which days are no working days: weekends, and the public holidays of the country in which a program runs."""

from datetime import date
from functools import cache

from holidays import country_holidays


@cache
def _holidays_of(year: int) -> dict[date, str]:
    """The federal holidays of a year and the days on which they are observed, by their English name.

    English is what the library has for this country where no language is named.
    """
    return dict(country_holidays("US", years=year))


def holiday(on: date) -> str:
    """The English name of the holiday, which `compliance/words/planner.py` has words for; empty on all other days."""
    return _holidays_of(on.year).get(on, "")


def is_weekend(on: date) -> bool:
    """Whether it is a Saturday or a Sunday."""
    return on.isoweekday() > 5


def is_workday(on: date) -> bool:
    """Whether laboratories and practices are likely to be open."""
    return not is_weekend(on) and not holiday(on)
