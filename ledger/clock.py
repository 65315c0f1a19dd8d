"""The one place that reads the clock. Views and tasks read it once and pass the instant down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection

#: How far the clock of this machine may be from PostgreSQL's.
TOLERANCE = timedelta(seconds=5)


class ClockFault(RuntimeError):
    """This machine's clock and PostgreSQL's differ too much. No decision can be made."""


_instead: Callable[[], datetime] | None = None


def override(clock: Callable[[], datetime] | None) -> None:
    """Read `clock` instead, for tests and journeys; None gives the real one back."""
    global _instead
    _instead = clock


def now() -> datetime:
    """The instant, in UTC. Raises ClockFault when PostgreSQL's clock says otherwise."""
    if _instead is not None:
        return _instead()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    ours = datetime.now(UTC)
    if abs(ours - theirs) > TOLERANCE:
        raise ClockFault("this machine's clock differs from the database's")
    return ours
