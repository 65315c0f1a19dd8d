"""Days and times to readers in other zones: one place puts them into words, and each says whose day it is."""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.clocks import Clock
from ui import times, zone
from ui.templatetags import ui

ROOT = Path(__file__).resolve().parent.parent.parent

NEW_YORK, TORONTO = "America/New_York", "America/Toronto"
HONOLULU, LOS_ANGELES = "Pacific/Honolulu", "America/Los_Angeles"
KOLKATA, KIRITIMATI = "Asia/Kolkata", "Pacific/Kiritimati"

#: Last days in winter, in summer, at both changes of the clocks, and at the turn of the year.
WINTER, SUMMER = date(2026, 11, 26), date(2026, 7, 4)
FALL_BACK, SPRING_FORWARD, NEW_YEAR = date(2026, 11, 1), date(2027, 3, 14), date(2026, 12, 31)


@contextmanager
def read_in(name: str | None) -> Iterator[None]:
    """A reader whose browser names that zone."""
    token = zone.reader.set(zone.zone_named(name) if name else None)
    try:
        yield
    finally:
        zone.reader.reset(token)


def plain(html: str) -> str:
    """What stands there for people."""
    return re.sub(r"<[^>]+>", "", html)


LAST_DAYS = [
    (None, WINTER, "Thu, Nov 26, 2026"),
    (NEW_YORK, WINTER, "Thu, Nov 26, 2026"),
    (TORONTO, WINTER, "Thu, Nov 26, 2026"),
    (LOS_ANGELES, WINTER, "Thu, Nov 26, 2026, New York time (Thu, Nov 26, 9:00 PM where you are)"),
    (HONOLULU, WINTER, "Thu, Nov 26, 2026, New York time (Thu, Nov 26, 7:00 PM where you are)"),
    (HONOLULU, SUMMER, "Sat, Jul 4, 2026, New York time (Sat, Jul 4, 6:00 PM where you are)"),
    (KOLKATA, WINTER, "Thu, Nov 26, 2026, New York time (Fri, Nov 27, 10:30 AM where you are)"),
    (KOLKATA, SUMMER, "Sat, Jul 4, 2026, New York time (Sun, Jul 5, 9:30 AM where you are)"),
    (KIRITIMATI, WINTER, "Thu, Nov 26, 2026, New York time (Fri, Nov 27, 7:00 PM where you are)"),
    (KIRITIMATI, NEW_YEAR, "Thu, Dec 31, 2026, New York time (Fri, Jan 1, 7:00 PM where you are)"),
    (KIRITIMATI, FALL_BACK, "Sun, Nov 1, 2026, New York time (Mon, Nov 2, 7:00 PM where you are)"),
    (KIRITIMATI, SPRING_FORWARD, "Sun, Mar 14, 2027, New York time (Mon, Mar 15, 6:00 PM where you are)"),
    ("America/Phoenix", SUMMER, "Sat, Jul 4, 2026, New York time (Sat, Jul 4, 9:00 PM where you are)"),
    ("America/Panama", WINTER, "Thu, Nov 26, 2026"),
    ("America/Panama", SUMMER, "Sat, Jul 4, 2026, New York time (Sat, Jul 4, 11:00 PM where you are)"),
]


@pytest.mark.parametrize(("where", "day", "shown"), LAST_DAYS)
def test_last_day_is_shown_with_the_programs_zone_to_a_reader_in_another(
    where: str | None, day: date, shown: str
) -> None:
    with read_in(where):
        assert times.last_day(day) == shown
        assert plain(ui.last_day(day)) == shown
        assert f'<time datetime="{day.isoformat()}">' in ui.last_day(day)


@pytest.mark.parametrize(
    ("where", "day", "shown"),
    [
        (NEW_YORK, WINTER, "Thu, Nov 26, 2026"),
        (LOS_ANGELES, WINTER, "Thu, Nov 26, 2026, New York time (Wed, Nov 25, 9:00 PM where you are)"),
        (HONOLULU, FALL_BACK, "Sun, Nov 1, 2026, New York time (Sat, Oct 31, 6:00 PM where you are)"),
        (KOLKATA, WINTER, "Thu, Nov 26, 2026, New York time (Thu, Nov 26, 10:30 AM where you are)"),
        (KIRITIMATI, SPRING_FORWARD, "Sun, Mar 14, 2027, New York time (Sun, Mar 14, 7:00 PM where you are)"),
    ],
)
def test_first_day_is_shown_with_the_programs_zone_to_a_reader_in_another(where: str, day: date, shown: str) -> None:
    with read_in(where):
        assert times.first_day(day) == plain(ui.first_day(day)) == shown


@pytest.mark.parametrize(
    ("where", "day", "shown"),
    [
        (NEW_YORK, WINTER, "the end of Thu, Nov 26, 2026, New York time"),
        (LOS_ANGELES, WINTER, "the end of Thu, Nov 26, 2026, New York time (Thu, Nov 26, 9:00 PM where you are)"),
        (KIRITIMATI, WINTER, "the end of Thu, Nov 26, 2026, New York time (Fri, Nov 27, 7:00 PM where you are)"),
        (KOLKATA, WINTER, "the end of Thu, Nov 26, 2026, New York time (Fri, Nov 27, 10:30 AM where you are)"),
    ],
)
def test_end_of_a_day_names_the_readers_day(where: str, day: date, shown: str) -> None:
    with read_in(where):
        assert plain(ui.until_end(day)) == shown


@pytest.mark.parametrize(
    ("where", "at", "shown"),
    [
        (NEW_YORK, "2026-11-26T23:59-05:00", "Thu, Nov 26, 2026, 11:59 PM New York time"),
        (TORONTO, "2026-11-26T23:59-05:00", "Thu, Nov 26, 2026, 11:59 PM New York time"),
        (LOS_ANGELES, "2026-11-26T23:59-05:00", "Thu, Nov 26, 2026, 11:59 PM New York time (8:59 PM where you are)"),
        (
            LOS_ANGELES,
            "2026-11-27T00:00-05:00",
            "Fri, Nov 27, 2026, 12:00 AM New York time (Thu, Nov 26, 9:00 PM where you are)",
        ),
        (HONOLULU, "2026-11-26T12:00-05:00", "Thu, Nov 26, 2026, 12:00 PM New York time (7:00 AM where you are)"),
        (
            HONOLULU,
            "2026-11-26T04:59-05:00",
            "Thu, Nov 26, 2026, 4:59 AM New York time (Wed, Nov 25, 11:59 PM where you are)",
        ),
        (
            KOLKATA,
            "2026-11-26T13:30-05:00",
            "Thu, Nov 26, 2026, 1:30 PM New York time (Fri, Nov 27, 12:00 AM where you are)",
        ),
        (KOLKATA, "2026-11-26T13:29-05:00", "Thu, Nov 26, 2026, 1:29 PM New York time (11:59 PM where you are)"),
        (
            KIRITIMATI,
            "2026-11-26T05:00-05:00",
            "Thu, Nov 26, 2026, 5:00 AM New York time (Fri, Nov 27, 12:00 AM where you are)",
        ),
        (KIRITIMATI, "2026-11-26T04:59-05:00", "Thu, Nov 26, 2026, 4:59 AM New York time (11:59 PM where you are)"),
        # The hour that comes twice, and the one that does not come.
        (
            LOS_ANGELES,
            "2026-11-01T01:30-05:00",
            "Sun, Nov 1, 2026, 1:30 AM New York time (Sat, Oct 31, 11:30 PM where you are)",
        ),
        (
            LOS_ANGELES,
            "2027-03-14T03:00-04:00",
            "Sun, Mar 14, 2027, 3:00 AM New York time (Sat, Mar 13, 11:00 PM where you are)",
        ),
    ],
)
def test_own_time_names_its_day_where_it_is_not_the_day_before_it(where: str, at: str, shown: str) -> None:
    instant = datetime.fromisoformat(at).astimezone(UTC)
    with read_in(where):
        assert times.moment(instant) == plain(ui.program_time(instant)) == shown


@pytest.mark.parametrize(
    ("where", "now", "until", "shown"),
    [
        (NEW_YORK, "2026-11-26T11:00-05:00", "2026-11-26T11:05-05:00", "11:05 AM New York time"),
        (
            LOS_ANGELES,
            "2026-11-26T11:00-05:00",
            "2026-11-26T11:05-05:00",
            "11:05 AM New York time (8:05 AM where you are)",
        ),
        (NEW_YORK, "2026-11-26T23:50-05:00", "2026-11-27T00:20-05:00", "12:20 AM on Fri, Nov 27 New York time"),
        (
            LOS_ANGELES,
            "2026-11-26T23:50-05:00",
            "2026-11-27T00:20-05:00",
            "12:20 AM on Fri, Nov 27 New York time (Thu, Nov 26, 9:20 PM where you are)",
        ),
        (
            KIRITIMATI,
            "2026-11-26T11:00-05:00",
            "2026-11-26T11:05-05:00",
            "11:05 AM New York time (Fri, Nov 27, 6:05 AM where you are)",
        ),
    ],
)
def test_near_instant_has_its_zone_and_its_day_where_that_is_not_today(
    where: str, now: str, until: str, shown: str, clock: Clock
) -> None:
    clock.set(now)
    with read_in(where):
        assert times.clock_time(datetime.fromisoformat(until).astimezone(UTC)) == shown


@pytest.mark.parametrize(
    ("where", "now", "word", "note"),
    [
        (None, "2026-11-29T02:00-05:00", "today", ""),
        (NEW_YORK, "2026-11-29T02:00-05:00", "today", ""),
        (LOS_ANGELES, "2026-11-29T03:00-05:00", "today", ""),
        (
            LOS_ANGELES,
            "2026-11-29T02:59-05:00",
            "today (Sun, Nov 29 in New York)",
            "In New York it is already Sun, Nov 29, 2026.",
        ),
        (
            HONOLULU,
            "2026-11-29T04:59-05:00",
            "today (Sun, Nov 29 in New York)",
            "In New York it is already Sun, Nov 29, 2026.",
        ),
        (HONOLULU, "2026-11-29T05:00-05:00", "today", ""),
        (KOLKATA, "2026-11-28T13:29-05:00", "today", ""),
        (
            KOLKATA,
            "2026-11-28T13:30-05:00",
            "today (Sat, Nov 28 in New York)",
            "In New York it is still Sat, Nov 28, 2026.",
        ),
        (
            KIRITIMATI,
            "2026-12-31T05:00-05:00",
            "today (Thu, Dec 31 in New York)",
            "In New York it is still Thu, Dec 31, 2026.",
        ),
    ],
)
def test_today_is_the_programs_day_and_says_so_where_the_readers_differs(
    where: str | None, now: str, word: str, note: str, clock: Clock
) -> None:
    clock.set(now)
    with read_in(where):
        assert times.today() == ui.today() == word
        assert times.today_note() == ui.today_note()["note"] == note
        assert ui.today_in_a_picture() == ("Today in New York" if note else "Today")


@pytest.mark.parametrize("where", [None, NEW_YORK, LOS_ANGELES, KIRITIMATI])
def test_plain_day_is_the_same_to_every_reader(where: str | None) -> None:
    with read_in(where):
        assert plain(ui.program_day(WINTER)) == "Thu, Nov 26, 2026"


#: Days from Thursday, November 26, and what stands before the day.
AWAY = [
    (0, "today, "), (1, "tomorrow, "), (2, "in 2 days, "), (60, "in 60 days, "), (61, ""),
    (-1, "yesterday, "), (-3, "3 days ago, "), (-14, "14 days ago, "), (-15, ""),
]  # fmt: skip


@pytest.mark.parametrize(("ahead", "shown"), AWAY)
def test_near_day_says_how_far_it_is_from_today(clock: Clock, ahead: int, shown: str) -> None:
    clock.set("2026-11-26T23:59-05:00")
    assert plain(ui.from_today(WINTER + timedelta(days=ahead))) == shown
    clock.set("2026-11-26T00:00-05:00")
    assert plain(ui.from_today(WINTER + timedelta(days=ahead))) == shown, "the same all day long"


def test_distance_of_a_day_is_by_the_programs_calendar(clock: Clock) -> None:
    clock.set("2026-11-27T04:59+00:00")  # still Thursday in New York
    assert plain(ui.from_today(date(2026, 11, 27))) == "tomorrow, "
    with read_in(KIRITIMATI):
        assert plain(ui.from_today(date(2026, 11, 27))) == "tomorrow, "


def test_nothing_is_shown_for_no_day() -> None:
    assert ui.last_day(None) == ui.first_day(None) == ui.from_today(None) == ""


def test_zone_of_the_program_is_known() -> None:
    assert zone.program() == ZoneInfo(NEW_YORK)


#: What people enter as a plain day, and days that mark what was: whoever reads them, they are the same.
PLAIN_DAYS = {
    "after.last_dose", "booked_on", "day", "due", "fact.first", "fact.on", "feed.read_on", "hand_over.today",
    "line.entered_on", "line.handed_over_on",
    "counted_to", "fill.entered_on",
    "fill.handed_over_on",
    "line.born_on", "line.patient.born_on", "new_course.began_on", "patient.born_on", "row.one", "row.other",
    "point.on", "side.identity.born_on", "value",
    "line.opened", "line.row.day", "signal.day",
}  # fmt: skip

PACKAGES = ("accounts", "compliance", "config", "ledger", "notifications", "outbox", "patients", "ui", "web")


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.is_file() and path.parent.name != "styleguide":
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def test_no_template_renders_a_day_or_a_time_past_the_one_place() -> None:
    past = r"\|\s*(date|time|timesince|timeuntil|localtime|utc|timezone|naturalday|naturaltime)\b"
    past += r"|\{%\s*now\b|isoformat|strftime"
    assert [name for name, text in templates() if re.search(past, text)] == []


def test_only_plain_days_are_rendered_without_a_zone() -> None:
    shown = {found for _name, text in templates() for found in re.findall(r"([\w.]+)\s*\|\s*program_day", text)}
    assert shown == PLAIN_DAYS


def test_no_template_shows_a_day_or_an_instant_as_it_is() -> None:
    bare = re.compile(r"\{\{\s*(?:\w+\.)*(?:\w+_(?:on|at)|at|until|last_day|try_again|due|first|last)\s*\}\}")
    found = {one for _name, text in templates() for one in bare.findall(text)}
    assert {one for one in found if not one.endswith(".go_on }}")} == set(), "go_on: words for going on"


#: What puts a day or a time into words.
FORMATS = {"strftime", "date_format", "time_format", "localtime", "ctime"}


def named(tree: ast.Module) -> set[str]:
    """The attributes and imported names of a module."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return attributes | {alias.name for node in imports for alias in node.names}


def test_no_code_puts_a_day_or_a_time_into_words_past_the_one_place() -> None:
    past = []
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name in ("ui/times.py", "ledger/canonical.py") or "/migrations/" in name:
                continue
            source = path.read_text()
            if any(word in source for word in FORMATS):
                past += [f"{name}: {one}" for one in named(ast.parse(source)) & FORMATS]
    assert past == []
