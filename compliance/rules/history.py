"""What a patient's log means at an instant: course, category, stops (rules, sections 2, 4.1 and 4.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

from . import days
from .categories import CAN
from .editions import Program
from .records import (
    BirthDateCorrected,
    CategoryChanged,
    Discontinued,
    Enrolled,
    Entry,
    EntryStruck,
    PregnancyReported,
    PregnancyTest,
    Record,
    Registered,
    StopCleared,
    Transferred,
)

_IN_ORDER = attrgetter("at", "number")


@dataclass(frozen=True, slots=True)
class Course:
    """A course of treatment that is open."""

    opened: Entry
    category: str
    #: The start of the qualifying period, `Q`.
    qualifying: datetime


@dataclass(frozen=True, slots=True)
class Stops:
    """Whether a stop is open, and `last_on`, the greatest day of all stop events (None: there was none)."""

    open: bool
    last_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A log as the gate sees it at `at`: in order, without what was struck."""

    program: Program
    at: datetime
    zone: ZoneInfo
    entries: tuple[Entry, ...]
    struck: frozenset[int]
    course: Course | None
    stops: Stops

    @property
    def day(self) -> date:
        """The day `d` of the question."""
        return days.day(self.at, self.zone)

    def day_of(self, at: datetime) -> date:
        """The calendar date of an instant in the program's zone."""
        return days.day(at, self.zone)

    def of[R: Record](self, kind: type[R], since: datetime | None = None) -> list[tuple[Entry, R]]:
        """Entries of one kind, in order, recorded at or after `since`."""
        return [(e, e.record) for e in self.entries if isinstance(e.record, kind) and (since is None or e.at >= since)]

    def in_course[R: Record](self, kind: type[R]) -> list[tuple[Entry, R]]:
        """Entries of one kind in the open course; empty when none is open."""
        return self.of(kind, self.course.opened.at) if self.course else []

    def qualifying[R: Record](self, kind: type[R]) -> list[tuple[Entry, R]]:
        """Entries of one kind from `Q` on; empty when no course is open."""
        return self.of(kind, self.course.qualifying) if self.course else []

    @property
    def born_on(self) -> date | None:
        """The patient's birth date as it is known."""
        known = [e.record.born_on for e in self.entries if isinstance(e.record, (Registered, BirthDateCorrected))]
        return known[-1] if known else None

    @property
    def prescriber(self) -> str | None:
        """Who prescribes: the one of the latest `transferred` since the enrolment, or else of the enrolment itself."""
        current: str | None = None
        for entry in self.entries:
            record = entry.record
            if isinstance(record, Registered):
                current = record.prescriber
            elif isinstance(record, Enrolled):
                current = record.prescriber if record.prescriber is not None else current
            elif isinstance(record, Transferred):
                current = record.prescriber
        return current

    @property
    def last_discontinued(self) -> tuple[Entry, Discontinued] | None:
        """The end of the latest course that was discontinued."""
        ended = self.of(Discontinued)
        return ended[-1] if ended else None


def read(program: Program, entries: Iterable[Entry], at: datetime) -> History:
    """The history that `entries` make at the instant `at`; the order in which they are given does not matter."""
    zone = days.zone(program.zone)
    seen = sorted((e for e in entries if e.at <= at), key=_IN_ORDER)
    struck = frozenset(e.record.entry for e in seen if isinstance(e.record, EntryStruck))
    kept = tuple(e for e in seen if e.number not in struck) if struck else tuple(seen)
    return History(
        program=program,
        at=at,
        zone=zone,
        entries=kept,
        struck=struck,
        course=_course(kept),
        stops=_stops(kept, zone),
    )


def _course(entries: tuple[Entry, ...]) -> Course | None:
    opened: Entry | None = None
    for entry in entries:
        if isinstance(entry.record, Enrolled):
            opened = entry
        elif isinstance(entry.record, Discontinued):
            opened = None
    if opened is None:
        return None
    category, qualifying = "", opened.at
    for entry in entries:
        record = entry.record
        if entry.at < opened.at:
            continue
        if entry is opened or isinstance(record, CategoryChanged):
            category = record.category  # type: ignore[attr-defined]
            if category == CAN:
                qualifying = entry.at
    return Course(opened, category, qualifying)


def _stops(entries: tuple[Entry, ...], zone: ZoneInfo) -> Stops:
    is_open, last_on = False, None
    for entry in entries:
        record = entry.record
        if isinstance(record, PregnancyTest) and record.result == "positive":
            happened = record.collected_on
        elif isinstance(record, PregnancyReported):
            happened = days.day(entry.at, zone)
        else:
            if isinstance(record, StopCleared):
                is_open = False
            continue
        is_open = True
        last_on = happened if last_on is None else max(last_on, happened)
    return Stops(is_open, last_on)
