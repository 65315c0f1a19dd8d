"""The clock of a test, which stands where it is set."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from ledger import clock as ledger_clock


class Clock:
    """What `ledger.clock.now` reads: stands where it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def set(self, text: str) -> datetime:
        """Set it to an instant such as `2026-12-01T09:00-05:00`."""
        self.at = datetime.fromisoformat(text).astimezone(UTC)
        return self.at

    def forward(self, **by: float) -> datetime:
        """Set it forward by days, hours, minutes."""
        self.at += timedelta(**by)
        return self.at


@contextmanager
def frozen_clock(at: datetime) -> Iterator[Clock]:
    """Within it the application's clock stands at that instant, or where it is set."""
    clock, before = Clock(at), ledger_clock._instead
    ledger_clock.override(clock)
    try:
        yield clock
    finally:
        ledger_clock.override(before)
