"""The months that the figures of the office are shown of."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.http import HttpRequest

from compliance.commands.figures import counted_to
from compliance.records.figures import bounds
from compliance.records.programs import program_day
from ledger.clock import now
from ui.times import short_month

#: So many months are shown.
MONTHS = 12


def before(month: date) -> date:
    """The month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def following(month: date) -> date:
    """The month after."""
    return date(month.year + (month.month == 12), month.month % 12 + 1, 1)


def last_months() -> list[date]:
    """The last of them that is counted, even in part, and those before it; the oldest first."""
    months = [(counted_to() or program_day(now())).replace(day=1)]
    while len(months) < MONTHS:
        months.append(before(months[-1]))
    return months[::-1]


def over(months: Sequence[date]) -> list[date]:
    """Those of them that are counted to their end, in the same order: their numbers grow no more."""
    last_day = counted_to()
    return [month for month in months if last_day is not None and last_day >= following(month) - timedelta(days=1)]


def chosen_month(request: HttpRequest, months: Sequence[date]) -> date:
    """The one that the address names, or the last one."""
    return next((month for month in months if f"{month:%Y-%m}" == request.GET.get("month")), months[-1])


def named_month(request: HttpRequest) -> date | None:
    """The one that the address names; None where it names none of those that are shown."""
    return next((month for month in last_months() if f"{month:%Y-%m}" == request.GET.get("month")), None)


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """The instants at which a month of the program begins and ends."""
    since, _end = bounds(month)
    until, _end = bounds(following(month))
    return since, until


def choices(months: Iterable[date], chosen: date | None) -> list[tuple[str, str, bool]]:
    """Each month for a form: its value, its name and whether it is the one that is shown; the last one first."""
    return [(f"{month:%Y-%m}", short_month(month), month == chosen) for month in reversed(list(months))]
