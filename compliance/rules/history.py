"""History: a patient's log as of an instant, with course, category and stops (rules, sections 2, 4.1 and 4.2)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, cast
from zoneinfo import ZoneInfo

from . import days
from .care.notes import ReportMistaken
from .categories import Category
from .editions import Program
from .records import (
    BirthDateCorrected,
    CategoryChanged,
    Discontinued,
    Enrolled,
    Entry,
    EntryStruck,
    FileLinked,
    FileTransferred,
    FileUnlinked,
    LastDoseCorrected,
    PregnancyReported,
    PregnancyTest,
    Record,
    Registered,
    StopCleared,
    TransferDeclined,
    TransferOffered,
    Transferred,
    TransferWithdrawn,
)

#: What ends an offer to take a patient over.
ENDS_AN_OFFER = (Transferred, FileTransferred, TransferDeclined, TransferWithdrawn, Discontinued)

#: No other files.
NO_FILES: Mapping[str, Iterable[Entry]] = {}

#: The order of records: by instant, then as they were recorded.
in_order = attrgetter("at", "number")


@dataclass(frozen=True, slots=True)
class Course:
    """A course of treatment that is open."""

    opened: Entry
    category: Category
    #: The start of the qualifying period, `Q`.
    qualifying: datetime


@dataclass(frozen=True, slots=True)
class EndedCourse:
    """A course that was discontinued."""

    opened: Entry
    ended: Entry
    #: The category on the day it was discontinued.
    category: Category
    #: As it is known now: of the `discontinued` record, or of the latest correction. None when no dose was taken.
    last_dose_on: date | None


@dataclass(frozen=True, slots=True)
class Stops:
    """Since when a stop is open, and the greatest day of all stop events, cleared or not; None where there is none."""

    #: The instant of the latest stop event, if no clearing came after it.
    since: datetime | None
    last_on: date | None

    @property
    def open(self) -> bool:
        """Whether a stop is open."""
        return self.since is not None


@dataclass(frozen=True, kw_only=True)
class History:
    """A log as the gate sees it at `at`: in order, without voided entries. Derived values are cached."""

    program: Program
    at: datetime
    zone: ZoneInfo
    entries: tuple[Entry, ...]
    voided: frozenset[int]
    course: Course | None
    #: The courses that were discontinued, in order.
    ended: tuple[EndedCourse, ...]
    #: Of this file and of all that are linked with it.
    stops: Stops
    #: The other files of the same person; each of them is linked with this one in turn.
    linked: tuple["History", ...] = ()
    #: The months of the practice's laboratory schedule, which its log has; None where it set none. No gate asks for it.
    laboratory_months: tuple[int, ...] | None = None

    @cached_property
    def day(self) -> date:
        """The day `d` of the question."""
        return days.day(self.at, self.zone)

    @cached_property
    def _by_kind(self) -> Mapping[type[Record], list[Entry]]:
        result: dict[type[Record], list[Entry]] = {}
        for entry in self.entries:
            result.setdefault(type(entry.record), []).append(entry)
        return result

    @cached_property
    def _derived(self) -> dict[Callable[["History"], Any], Any]:
        return {}

    def derived[T](self, work: Callable[["History"], T]) -> T:
        """What a pure function makes of this history: worked out the first time it is asked for, then kept."""
        if work not in self._derived:
            self._derived[work] = work(self)
        result: T = self._derived[work]
        return result

    def day_of(self, at: datetime) -> date:
        """The calendar date of an instant in the program's zone."""
        return days.day(at, self.zone)

    def of[R: Record](self, kind: type[R], since: datetime | None = None) -> list[tuple[Entry, R]]:
        """Entries of one kind, in order, recorded at or after `since`."""
        entries = self._by_kind.get(kind, [])
        return [(e, cast(R, e.record)) for e in entries if since is None or e.at >= since]

    def in_course[R: Record](self, kind: type[R]) -> list[tuple[Entry, R]]:
        """Entries of one kind in the open course; empty when none is open."""
        return self.of(kind, self.course.opened.at) if self.course else []

    def qualifying[R: Record](self, kind: type[R]) -> list[tuple[Entry, R]]:
        """Entries of one kind from `Q` on; empty when no course is open."""
        return self.of(kind, self.course.qualifying) if self.course else []

    @property
    def born_on(self) -> date | None:
        """The patient's birth date as it is known."""
        opened = [record.born_on for _, record in self.of(Registered)]
        known = opened + [record.born_on for _, record in self.of(BirthDateCorrected)]
        return known[-1] if known else None

    @property
    def prescriber(self) -> str | None:
        """Who prescribes: the one of the latest `transferred`, in whichever course, or else of the enrolment.

        Source: rules.md, section 5.1.
        """
        transferred = self.of(Transferred)
        if transferred:
            return transferred[-1][1].prescriber
        current: str | None = None
        for entry in self.entries:
            record = entry.record
            if isinstance(record, Registered):
                current = record.prescriber
            elif isinstance(record, Enrolled):
                current = record.prescriber if record.prescriber is not None else current
        return current

    @property
    def holder(self) -> str | None:
        """Whose patient the file is: who took it over last, between two courses too, or else who prescribes.

        Between the courses that is another than `prescriber`, of whom the gate is asked: the rules know no transfer
        without a course. From the next `enrolled` on the two are the same.
        """
        moved: list[tuple[Entry, Transferred | FileTransferred]] = [*self.of(Transferred), *self.of(FileTransferred)]
        last = max(moved, key=lambda one: in_order(one[0]), default=None)
        return last[1].prescriber if last is not None else self.prescriber

    @property
    def offered_to(self) -> str | None:
        """To whom the patient is offered and who has not answered yet."""
        offered: str | None = None
        for entry in self.entries:
            if isinstance(entry.record, TransferOffered):
                offered = entry.record.prescriber
            elif isinstance(entry.record, ENDS_AN_OFFER):
                offered = None
        return offered

    @property
    def last_ended(self) -> EndedCourse | None:
        """The latest course that was discontinued."""
        return self.ended[-1] if self.ended else None

    @property
    def enrolled_on(self) -> date | None:
        """The day of enrolment `E`: of the course that is open, or else of the latest one; None before the first."""
        opened = self.of(Enrolled)
        return self.day_of(opened[-1][0].at) if opened else None


def read(
    program: Program,
    entries: Iterable[Entry],
    at: datetime,
    files: Mapping[str, Iterable[Entry]] = NO_FILES,
    name: str = "",
) -> History:
    """The history that `entries` make at the instant `at`; the order in which they are given does not matter.

    `files` are other files, of which those count that are linked with this one at that instant; `name` is what
    they call this one.
    """
    history = _alone(program, entries, at)
    others = {file: _alone(program, files[file], at) for file in sorted(linked_files(history)) if file in files}
    if not others:
        return history
    together = {name: history} | others
    stops = _shared(together)

    def with_the_others(one: History) -> History:
        return replace(one, stops=stops, linked=tuple(other for other in together.values() if other is not one))

    return replace(history, stops=stops, linked=tuple(with_the_others(other) for other in others.values()))


def linked_files(history: History) -> frozenset[str]:
    """The files that the office holds to be of the same person."""
    result: set[str] = set()
    for entry in history.entries:
        if isinstance(entry.record, FileLinked):
            result.add(entry.record.file)
        elif isinstance(entry.record, FileUnlinked):
            result.discard(entry.record.file)
    return frozenset(result)


def _alone(program: Program, entries: Iterable[Entry], at: datetime) -> History:
    """The history of one file."""
    zone = days.zone(program.zone)
    past = sorted((e for e in entries if e.at <= at), key=in_order)
    voided = frozenset(e.record.entry for e in past if isinstance(e.record, EntryStruck))
    kept = tuple(e for e in past if e.number not in voided) if voided else tuple(past)
    return History(
        program=program,
        at=at,
        zone=zone,
        entries=kept,
        voided=voided,
        course=_course(program, kept),
        ended=_ended(program, kept),
        stops=_stops(kept, zone),
    )


def _course(program: Program, entries: tuple[Entry, ...]) -> Course | None:
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
            if program.categories[category].tests:
                qualifying = entry.at
    return Course(opened, program.categories[category], qualifying)


def _ended(program: Program, entries: tuple[Entry, ...]) -> tuple[EndedCourse, ...]:
    """The courses that were discontinued. A correction of the last dose is about the latest end before it."""
    result: list[EndedCourse] = []
    opened, category = None, ""
    for entry in entries:
        record = entry.record
        if isinstance(record, Enrolled):
            opened = entry
        if isinstance(record, (Enrolled, CategoryChanged)):
            category = record.category
        elif isinstance(record, Discontinued) and opened is not None:
            result.append(EndedCourse(opened, entry, program.categories[category], record.last_dose_on))
            opened = None
        elif isinstance(record, LastDoseCorrected) and result:
            result[-1] = replace(result[-1], last_dose_on=record.last_dose_on)
    return tuple(result)


def is_stop(record: Record) -> bool:
    """Whether a record opens a stop."""
    return isinstance(record, PregnancyReported) or (isinstance(record, PregnancyTest) and record.result == "positive")


def reported_by_patient(history: History) -> bool:
    """Whether a stop is open, and the patient's own report is what opened it last; not said to be a mistake yet."""
    if not history.stops.open:
        return False
    reports = [(entry.number, entry.by) for entry, _record in history.of(PregnancyReported)]
    mistaken = [entry.number for entry, _record in history.of(ReportMistaken)]
    last = reports[-1] if reports else None
    own = last is not None and last[1] is not None and last[1].role == "patient"
    return own and last is not None and not any(number > last[0] for number in mistaken)


def _stops(entries: Sequence[Entry], zone: ZoneInfo) -> Stops:
    """The stops of one file, of which its own clearings close all that are open."""
    since, last_on = None, None
    for entry in entries:
        record = entry.record
        if isinstance(record, PregnancyTest) and record.result == "positive":
            happened = record.collected_on
        elif isinstance(record, PregnancyReported):
            happened = days.day(entry.at, zone)
        else:
            if isinstance(record, StopCleared):
                since = None
            continue
        since = entry.at
        last_on = happened if last_on is None else max(last_on, happened)
    return Stops(since, last_on)


def _shared(files: Mapping[str, History]) -> Stops:
    """The stops of linked files: one that is open in any is open in all."""
    since = [_open_since(name, files) for name in files]
    happened = [file.stops.last_on for file in files.values()]
    return Stops(
        max((at for at in since if at is not None), default=None),
        max((on for on in happened if on is not None), default=None),
    )


def _open_since(name: str, files: Mapping[str, History]) -> datetime | None:
    """Since when a stop of this file is open, after its own clearings and those of the others that count for it.

    Under the lock that the files share no two of their records have the same instant; if two had, it stays open.
    """
    since = files[name].stops.since
    cleared = [_cleared_for(name, other) for file, other in files.items() if file != name]
    return None if since is None or any(at is not None and at > since for at in cleared) else since


def _cleared_for(name: str, other: History) -> datetime | None:
    """When a clearing in `other` last closed the stops of that file: only one that was recorded while the two were
    linked, as they still are. What was cleared before concerned nobody here; a link that was wrong cleared nothing.
    """
    linked, cleared = False, None
    for entry in other.entries:
        record = entry.record
        if isinstance(record, (FileLinked, FileUnlinked)) and record.file == name:
            linked, cleared = isinstance(record, FileLinked), None
        elif linked and isinstance(record, StopCleared):
            cleared = entry.at
    return cleared
