"""Hours by the reader's clock: the quiet ones, the morning after, nine of a last day; through both clock changes."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notifications import hours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


#: A zone, an instant by its clock, and whether it is night there.
NIGHTS = {
    "the last minute of the evening": ("America/New_York", "2026-12-15T20:59-05:00", False),
    "nine in the evening": ("America/New_York", "2026-12-15T21:00-05:00", True),
    "midnight": ("America/New_York", "2026-12-16T00:00-05:00", True),
    "the last minute of the night": ("America/New_York", "2026-12-16T07:59:59-05:00", True),
    "eight in the morning": ("America/New_York", "2026-12-16T08:00-05:00", False),
    "the same instant elsewhere": ("Pacific/Auckland", "2026-12-16T00:00-05:00", False),
    "night far east": ("Pacific/Auckland", "2026-12-16T21:00+13:00", True),
    "a zone of half hours": ("Asia/Kolkata", "2026-12-16T07:45+05:30", True),
}  # fmt: skip


@pytest.mark.parametrize("name", NIGHTS)
def test_it_is_night_from_nine_to_eight_by_the_readers_clock(name: str) -> None:
    where, when, quiet = NIGHTS[name]
    assert hours.is_quiet(at(when), ZoneInfo(where)) == quiet


#: A zone, an instant at night, and the next eight o'clock there. The nights of clock changes have 10 and 12 hours.
MORNINGS = {
    "an evening": ("America/New_York", "2026-12-15T21:00-05:00", "2026-12-16T08:00-05:00"),
    "after midnight": ("America/New_York", "2026-12-16T00:30-05:00", "2026-12-16T08:00-05:00"),
    "spring": ("America/New_York", "2027-03-13T21:00-05:00", "2027-03-14T08:00-04:00"),
    "autumn": ("America/New_York", "2026-10-31T21:00-04:00", "2026-11-01T08:00-05:00"),
    "the hour that comes twice, the first time": (
        "America/New_York", "2026-11-01T01:30-04:00", "2026-11-01T08:00-05:00"),
    "the hour that comes twice, the second time": (
        "America/New_York", "2026-11-01T01:30-05:00", "2026-11-01T08:00-05:00"),
    "southern spring": ("America/Santiago", "2026-09-05T21:00-04:00", "2026-09-06T08:00-03:00"),
    "southern autumn": ("America/Santiago", "2026-04-04T22:00-03:00", "2026-04-05T08:00-04:00"),
    "far east, spring": ("Pacific/Auckland", "2026-09-26T21:00+12:00", "2026-09-27T08:00+13:00"),
    "far east, autumn": ("Pacific/Auckland", "2026-04-04T21:00+13:00", "2026-04-05T08:00+12:00"),
    "eight itself": ("Pacific/Auckland", "2026-04-05T08:00+12:00", "2026-04-05T08:00+12:00"),
}  # fmt: skip


@pytest.mark.parametrize("name", MORNINGS)
def test_the_next_morning_by_the_readers_clock(name: str) -> None:
    where, night, morning = MORNINGS[name]
    assert hours.following(at(night), hours.MORNING, ZoneInfo(where)) == at(morning)


#: A zone, the end of a window (a midnight in New York), and the reader's last nine o'clock before it.
NINES = {
    "New York": ("America/New_York", "2026-12-20T00:00-05:00", "2026-12-19T09:00-05:00"),
    "the day of the spring change": ("America/New_York", "2027-03-15T00:00-04:00", "2027-03-14T09:00-04:00"),
    "the day of the autumn change": ("America/New_York", "2026-11-02T00:00-05:00", "2026-11-01T09:00-05:00"),
    "further west": ("Pacific/Honolulu", "2026-12-20T00:00-05:00", "2026-12-19T09:00-10:00"),
    "Santiago, its spring": ("America/Santiago", "2026-09-07T00:00-04:00", "2026-09-06T09:00-03:00"),
    "Santiago, its autumn": ("America/Santiago", "2026-04-06T00:00-04:00", "2026-04-05T09:00-04:00"),
    "Madrid": ("Europe/Madrid", "2026-12-20T00:00-05:00", "2026-12-19T09:00+01:00"),
    "Auckland, where the window ends a day later": (
        "Pacific/Auckland", "2026-12-20T00:00-05:00", "2026-12-20T09:00+13:00"),
    "not the instant at which it ends": ("Asia/Dubai", "2026-12-20T00:00-05:00", "2026-12-19T09:00+04:00"),
}  # fmt: skip


@pytest.mark.parametrize("name", NINES)
def test_nine_of_the_last_day_is_the_readers_last_nine_before_the_end(name: str) -> None:
    where, end, nine = NINES[name]
    found = hours.latest(at(end), time(9), ZoneInfo(where))
    assert found == at(nine)
    assert found < at(end)
