"""The months that the figures of the office are shown of."""

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest

from compliance.commands.figures import counted_to
from compliance.records.programs import program_day
from ledger.clock import now

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


def chosen_month(request: HttpRequest, months: Sequence[date]) -> date:
    """The one that the address names, or the last one."""
    return next((month for month in months if f"{month:%Y-%m}" == request.GET.get("month")), months[-1])
