"""Days and times in words: the one place that puts them into words, for pages, sentences and messages.

A day of the program begins and ends at midnight in New York. To a reader whose clock shows another time there, each
first day, last day and instant is shown with that zone and with the reader's own time. Their own time names its day
wherever that is not the day named before it. A reader whose zone is not known reads the program's time: an instant
with its zone, a day as it is.
"""

from datetime import UTC, date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ledger import clock

from . import zone
from .navigation import Words

#: How a day and a time of day are written on pages, in the letters of Django's `date` filter.
DAY, TIME = gettext_lazy("D, M j, Y"), gettext_lazy("g:i A")
_OWN_DAY = gettext_lazy("D, M j")
SHORT_DAY = gettext_lazy("M j")
# Translators: how a month of a year is written below a bar, in the letters of Django's `date` filter.
_SHORT_MONTH = gettext_lazy("M Y")

#: Up to so many days ahead, and behind, a page says how far a day is from today.
NEAR, JUST_BEHIND = 60, 14


def plain_day(on: date, pattern: Words = DAY) -> str:
    """A day as people enter and record it: the same for every reader."""
    return date_format(on, str(pattern))


def month(at: datetime) -> str:
    """The program's month in which an instant lies, as a heading: November 2026."""
    return date_format(at.astimezone(zone.program()), "YEAR_MONTH_FORMAT")


def short_month(on: date) -> str:
    """The month of a day, as it stands below a bar: Nov 2026."""
    return date_format(on, str(_SHORT_MONTH))


def last_day(on: date, pattern: Words = DAY) -> str:
    """A day until whose end something may be done. A reader elsewhere reads the zone, and when it ends for them."""
    return _with_zone(date_format(on, str(pattern)), zone.end_of(on))


def first_day(on: date, pattern: Words = DAY) -> str:
    """A day from whose beginning something may be done. A reader elsewhere reads when it begins for them."""
    return _with_zone(date_format(on, str(pattern)), zone.begin_of(on))


def moment(at: datetime) -> str:
    """An instant: day, time, zone, and the reader's own time where it differs."""
    return _joined(program_moment(at), own_time(at, named=at.astimezone(zone.program()).date()))


def clock_time(at: datetime) -> str:
    """An instant that is near: its time alone, with its day where that is not the program's day of now."""
    here = at.astimezone(zone.program())
    shown = date_format(here, str(TIME))
    if here.date() != program_today():
        shown = _("%(time)s on %(day)s") % {"time": shown, "day": date_format(here, str(_OWN_DAY))}
    shown = _("%(time)s New York time") % {"time": shown}
    return _joined(shown, own_time(at, named=here.date()))


def program_moment(at: datetime) -> str:
    """An instant in the program's time, with its zone."""
    here = at.astimezone(zone.program())
    named = {"day": date_format(here, str(DAY)), "time": date_format(here, str(TIME))}
    return _("%(day)s, %(time)s New York time") % named


def program_day_and_time(at: datetime) -> tuple[date, str]:
    """The program's day of an instant, and its time of day, for a sentence that names the zone itself."""
    here = at.astimezone(zone.program())
    return here.date(), date_format(here, str(TIME))


def own_time(at: datetime, *, named: date | None = None) -> str:
    """The reader's own time at that instant; empty where their clock shows the same as the program's.

    `named` is the day that stands before it in the text: another one is named. None names it in any case.
    """
    reader_zone = zone.differs(at)
    if reader_zone is None:
        return ""
    mine = at.astimezone(reader_zone)
    shown = date_format(mine, str(TIME) if mine.date() == named else f"{_OWN_DAY}, {TIME}")
    return _("%(time)s where you are") % {"time": shown}


def program_today() -> date:
    """The program's day of now, for display."""
    return clock.for_display().astimezone(zone.program()).date()


def today() -> str:
    """The word "today", in a sentence: with the program's day where it is another day for the reader."""
    if not _is_another_day():
        return _("today")
    return _("today (%(day)s in New York)") % {"day": date_format(program_today(), str(_OWN_DAY))}


def today_note() -> str:
    """What a page says of "today" to a reader for whom it is another day; empty for all others."""
    if not _is_another_day():
        return ""
    now = clock.for_display()
    reader_zone = zone.reader.get()
    assert reader_zone is not None
    ahead = now.astimezone(reader_zone).date() > program_today()
    words = _("In New York it is still %(day)s.") if ahead else _("In New York it is already %(day)s.")
    return words % {"day": date_format(program_today(), str(DAY))}


def days_away(on: date, reference: date) -> str:
    """How far a day is from today, in words: "in 3 days", "tomorrow", "yesterday"."""
    ahead = (on - reference).days
    if ahead == 0:
        return today()
    if ahead == 1:
        return _("tomorrow")
    if ahead == -1:
        return _("yesterday")
    if ahead < 0:
        return ngettext("{count} day ago", "{count} days ago", -ahead).replace("{count}", str(-ahead))
    return ngettext("in {count} day", "in {count} days", ahead).replace("{count}", str(ahead))


def from_today(on: date) -> str:
    """How far a day is from the program's today, where that helps: ahead by two months at most, or just behind."""
    reference = program_today()
    return days_away(on, reference) if -JUST_BEHIND <= (on - reference).days <= NEAR else ""


def utc(at: datetime) -> str:
    """An instant in UTC, as signatures show it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def signed_at(at: datetime) -> str:
    """An instant in the program's time as a signed PDF shows it, in its language and with the zone's short name."""
    here = at.astimezone(zone.program())
    return date_format(here, "DATETIME_FORMAT") + f" {here:%Z}"


def machine(at: datetime) -> str:
    """An instant for machines, in an attribute of the page."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_zone(day: str, at: datetime) -> str:
    own = own_time(at)
    return _joined(_("%(day)s, New York time") % {"day": day}, own) if own else day


def _joined(shown: str, own: str) -> str:
    return f"{shown} ({own})" if own else shown


def _is_another_day() -> bool:
    reader_zone = zone.reader.get()
    if reader_zone is None:
        return False
    now = clock.for_display()
    return now.astimezone(reader_zone).date() != now.astimezone(zone.program()).date()
