"""Outlook: what entries would open, or why they count for nothing, asked of the rules before anything is recorded.

Nothing is decided here: the history is judged with and without each entry, and what the rules said is put side by side.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from . import days, followup, gate, windows
from .assessment import Assessment
from .days import Span
from .history import is_stop
from .records import (
    BirthDateCorrected,
    ComprehensionPassed,
    ContraceptionDeclared,
    Counselled,
    Entry,
    HomeTestingSet,
    LastDoseCorrected,
    PregnancyTest,
)
from .shortfalls import Shortfall

#: What an entry can do. `entered`: what this page says nothing about, such as the end of a course.
EFFECTS = ("window", "first-test", "owed-test", "visit", "methods", "questions", "home-tests", "stop", "entered")
#: The code of an entry that does none of these.
NOTHING = "nothing"

ALREADY = Shortfall("already")

#: Judges a file with these entries behind its own.
Judge = Callable[[Sequence[Entry]], Assessment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one entry does: a code of `EFFECTS`, or nothing, and then why."""

    entry: Entry
    code: str
    #: The window that it opens.
    window: Span | None = None
    #: The first day for the next step, where the entry brings it about.
    next_on: date | None = None
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it counts for something."""
        return self.code != NOTHING

    @property
    def repeats(self) -> bool:
        """Whether it only says what the record says already."""
        return self.shortfalls == (ALREADY,)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What follows of entries: of each, and of all together."""

    after: Assessment
    effects: tuple[Effect, ...]

    @property
    def counts(self) -> bool:
        """Whether they count for something: one at least does, and the others repeat, at most, what is recorded."""
        return any(effect.counts for effect in self.effects) and all(
            effect.counts or effect.repeats for effect in self.effects
        )


@dataclass(frozen=True, slots=True)
class _Compared:
    """One entry, and the file's assessment without it and with it."""

    entry: Entry
    without: Assessment
    after: Assessment


def what_follows(judge: Judge, new: Sequence[Entry]) -> Outlook:
    """What follows of `new` entries, each seen beside the others. Raises NoEdition before the first edition."""
    after = judge(new)
    effects = []
    for entry in new:
        others = [other for other in new if other is not entry]
        work = _WORK.get(type(entry.record))
        compared = _Compared(entry, judge(others), after)
        effects.append(work(compared, entry.record) if work else Effect(entry=entry, code="entered"))
    return Outlook(after, tuple(effects))


def menses_decides(assessment: Assessment) -> bool:
    """Whether a test collected on that day would open no window without its menses timing."""
    testing = assessment.testing
    if testing is None or testing.dispensed is not None or testing.screening is None:
        return False
    return windows.asks_menses(assessment.edition, testing.last, assessment.day)


def _nothing(compared: _Compared, *shortfalls: Shortfall) -> Effect:
    return Effect(entry=compared.entry, code=NOTHING, shortfalls=shortfalls)


def _already(compared: _Compared) -> Effect:
    return _nothing(compared, ALREADY)


def _is_asked(compared: _Compared) -> bool:
    """Whether the category asks for tests, methods and questions."""
    course = compared.after.course
    return course is None or course.category.tests


def _test(compared: _Compared, record: PregnancyTest) -> Effect:
    if is_stop(record):
        return Effect(entry=compared.entry, code="stop")
    if compared.after.course is None:
        return _owed(compared, record)
    if compared.after.testing is None:
        return _nothing(compared, Shortfall("not-asked"))
    disregarded = windows.disregarded(compared.after.history, record)
    if disregarded is not None:
        return _nothing(compared, disregarded)
    return _in_course(compared, compared.after.testing)


def _in_course(compared: _Compared, testing: windows.Testing) -> Effect:
    """A negative test that may count, in a course whose category asks for tests."""
    entry, after = compared.entry, compared.after
    opened = after.window if after.window != compared.without.window else None
    if testing.dispensed is None and testing.screening is not None and testing.screening[0] is entry:
        return Effect(
            entry=entry, code="window" if opened else "first-test", window=opened, next_on=_second_on(after, testing)
        )
    judged = next(one for one in testing.judged if one.entry is entry)
    if judged.shortfalls:
        return _nothing(compared, *judged.shortfalls)
    if judged.window is not None and not judged.window.covers(after.day):
        return _nothing(compared, Shortfall("window-over", days.plus(after.day, -after.edition.window_last_day)))
    return Effect(entry=entry, code="window", window=opened) if opened else _already(compared)


def _second_on(after: Assessment, testing: windows.Testing) -> date | None:
    """From when the second test may be collected; None while nothing anchors the lead-in."""
    over = testing.lead_in_over_on
    if testing.screening is None or (over is None and after.edition.lead_in_days is not None):
        return None
    return windows.second_from(after.edition, testing.screening[1].collected_on, over)


def _owed(compared: _Compared, record: PregnancyTest) -> Effect:
    """A test after treatment."""
    before, after = compared.without, compared.after
    if any(one not in after.owed for one in before.owed):
        return Effect(entry=compared.entry, code="owed-test", next_on=after.owed[0].due_on if after.owed else None)
    ended = after.history.last_ended
    if not before.owed or ended is None or ended.last_dose_on is None:
        return _nothing(compared, Shortfall("nothing-owed"))
    due = followup.due_after(ended.last_dose_on, after.edition)
    return _nothing(compared, *followup.not_settling(before.owed[0], due, record, after.edition))


def _visit(compared: _Compared, record: Counselled) -> Effect:
    """A visit with counselling: of the month, of the course, or one that opens a window."""
    before, after = compared.without, compared.after
    length = after.edition.cannot_counselling_days
    if after.testing is not None or length is None:
        code = "visit" if "counselling-missing" in before.codes else ""
        return Effect(entry=compared.entry, code=code) if code else _already(compared)
    if after.window is None:
        return _nothing(compared, Shortfall("window-over", days.plus(after.day, -length)))
    if after.window == before.window:
        return _already(compared)
    return Effect(entry=compared.entry, code="window", window=after.window)


def _methods(compared: _Compared, record: ContraceptionDeclared) -> Effect:
    """A declaration by one of both sides."""
    before, after = compared.without.testing, compared.after.testing
    if after is None or before is None:
        return _nothing(compared, Shortfall("not-asked"))
    since = _since(compared.after, after, record.by)
    if since is None:
        return _nothing(compared, Shortfall("no-window"))
    declared = [gate.declared(one.history, record.by, since) for one in (compared.without, compared.after)]
    begins = before.anchor != after.anchor
    if declared[0] == declared[1] and not begins:
        return _already(compared)
    next_on = _second_on(compared.after, after) if begins else None
    return Effect(entry=compared.entry, code="methods", next_on=next_on)


def _since(after: Assessment, testing: windows.Testing, by: str) -> datetime | None:
    """From when that side's part of the month counts; None while it does not."""
    if by == "prescriber":
        return windows.cycle_start(after.history, testing)
    return windows.patient_part_start(after.history, testing)


def _questions(compared: _Compared, record: ComprehensionPassed) -> Effect:
    testing = compared.after.testing
    if testing is None:
        return _nothing(compared, Shortfall("not-asked"))
    if windows.patient_part_start(compared.after.history, testing) is None:
        return _nothing(compared, Shortfall("no-window"))
    if "comprehension-missing" not in compared.without.codes:
        return _already(compared)
    return Effect(entry=compared.entry, code="questions")


def _home(compared: _Compared, record: HomeTestingSet) -> Effect:
    if not _is_asked(compared):
        return _nothing(compared, Shortfall("not-asked"))
    if record.permitted and not compared.after.edition.takes_home_tests:
        return _nothing(compared, Shortfall("no-home-tests"))
    said = [earlier.permitted for _, earlier in compared.without.history.in_course(HomeTestingSet)]
    if said and said[-1] == record.permitted:
        return _already(compared)
    return Effect(entry=compared.entry, code="home-tests")


def _corrected(compared: _Compared, record: BirthDateCorrected | LastDoseCorrected) -> Effect:
    """A correction, which may say what stood there before."""
    before, after = compared.without.history, compared.after.history
    same = (before.born_on, before.ended) == (after.born_on, after.ended)
    return _already(compared) if same else Effect(entry=compared.entry, code="entered")


_WORK: dict[type, Callable[[_Compared, Any], Effect]] = {
    PregnancyTest: _test,
    Counselled: _visit,
    ContraceptionDeclared: _methods,
    ComprehensionPassed: _questions,
    HomeTestingSet: _home,
    BirthDateCorrected: _corrected,
    LastDoseCorrected: _corrected,
}
