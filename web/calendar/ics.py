"""Writes dates as iCalendar (RFC 5545, 7986). It names nobody, and says of a date no more than a neutral title."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import translation
from icalendar import Calendar, Event, vDuration
from icalendar.enums import CLASS, TRANSP

from compliance.rules.planned import Revised
from compliance.words.planned import CALENDAR, DATES, DETAILS, DETAILS_LAST

CONTENT_TYPE = "text/calendar; charset=utf-8"

#: How often a calendar program may ask again.
REFRESH = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date with the id of its occasion."""

    uid: UUID
    revised: Revised


def write(dates: Iterable[Dated], *, path: str, language: str) -> bytes:
    """A calendar of these dates in that language (empty: the default one); `path` is where the details stand.

    It holds no instant of its making: the same dates are the same bytes.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        calendar = Calendar()
        calendar.add("prodid", "-//Clearfill//Dates//EN")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        for name in ("name", "x-wr-calname"):
            calendar.add(name, str(CALENDAR))
        calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(REFRESH))
        for one in dates:
            calendar.add_component(_event(one, f"{settings.SITE_URL}{path}"))
        return bytes(calendar.to_ical())


def _event(dated: Dated, link: str) -> Event:
    """One day, which makes nobody busy. DTSTAMP and LAST-MODIFIED say since when the date stands as it does."""
    date, since = dated.revised.date, dated.revised.since.replace(microsecond=0)
    words = DATES[date.code]
    return Event.new(
        uid=dated.uid, stamp=since, last_modified=since, sequence=dated.revised.revision, start=date.on,
        summary=str(words.title), description=str(DETAILS_LAST if words.ends else DETAILS).replace("{link}", link),
        url=link, transparency=TRANSP.TRANSPARENT, classification=CLASS.PRIVATE,
    )  # fmt: skip
