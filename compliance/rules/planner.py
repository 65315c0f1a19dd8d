"""The planner: what a test would open on a day to come, and which days make sense.

Nothing is decided here. A negative test is put behind the file on each day, `outlook` says what it opens, and the
result is set beside the supply in hand. It is planned as if nothing else were recorded meanwhile.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from . import days, windows
from .assessment import Assessment
from .days import Span
from .due_tests import supply_ends_on
from .outlook import Effect, Judge, menses_decides, what_follows
from .records import MENSES, Entry, PregnancyTest
from .shortfalls import Shortfall
from .workdays import is_workday

#: What a test on a day is worth. `again`: a window is open already. `late`: the supply in hand ends before.
STATES = ("best", "fits", "late", "again", "too-early", "stopped", "lost")

#: The states of the days that make sense.
SENSIBLE = ("best", "fits")

#: So many days before the supply ends leave time for the result, for both sides' part of the month and the pick-up.
MARGIN_DAYS = 3

#: Where no supply is in hand, sooner is better: the best days are the first of those that fit.
SOON_DAYS = 7

#: Judges a file with these entries behind its own, at that instant.
JudgeAt = Callable[[Sequence[Entry], datetime], Assessment]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerDay:
    """A day of a test that is to come, and what it would open."""

    on: date
    #: A code of `STATES`.
    state: str
    effect: Effect
    #: The window that the gate would name.
    window: Span | None
    #: The days on which the gate would name it.
    open_on: Span | None
    #: Those on which time alone is no longer in the way of a pick-up.
    pick_up: Span | None
    #: The day for which a window is needed first, where this one closes before it.
    needed_on: date | None
    #: How many days the supply in hand lasts from this day on; None where there is none.
    days_left: int | None
    #: Whether it opens that only where the menses timing is known.
    menses_decide: bool
    #: Where it has to be taken to open that; empty where it opens nothing.
    places: tuple[str, ...]

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Why it opens nothing."""
        return self.effect.shortfalls

    @property
    def makes_sense(self) -> bool:
        """Whether it is a day to take."""
        return self.state in SENSIBLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The days ahead, as they look now."""

    assessment: Assessment
    days: tuple[PlannerDay, ...]
    #: The last day on which there is supply in hand; None where nothing was handed over in the course.
    supply_until: date | None

    @property
    def waits(self) -> str:
        """What comes before any test: `stopped`, `pick-up`, or nothing."""
        if self.assessment.history.stops.open:
            return "stopped"
        has_pick_up = self.assessment.window is not None or self.assessment.authorization is not None
        return "pick-up" if has_pick_up else ""

    @property
    def sensible(self) -> tuple[PlannerDay, ...]:
        """The days that make sense, in order."""
        return tuple(day for day in self.days if day.makes_sense)

    @property
    def earliest(self) -> PlannerDay | None:
        """The first day that opens something."""
        return next((day for day in self.days if day.effect.counts and day.state != "stopped"), None)

    @property
    def last(self) -> PlannerDay | None:
        """The last day after which the supply in hand ends first, or a test after treatment is too late."""
        ends = self.sensible and self.days[-1].on > self.sensible[-1].on
        return self.sensible[-1] if ends else None

    @property
    def recommended(self) -> PlannerDay | None:
        """The first working day of the best ones, or of those that are late; None where something else comes first.

        Where days fit, some of them are the best. Laboratories are likely to be closed on other days.
        """
        for state in ("best", "late") if not self.waits else ():
            ranked = [day for day in self.days if day.state == state]
            if ranked:
                return next((day for day in ranked if is_workday(day.on)), ranked[0])
        return None

    def day(self, on: date) -> PlannerDay | None:
        """What is planned for that day."""
        return next((day for day in self.days if day.on == on), None)


def plan(judge: JudgeAt, at: datetime, *, days_ahead: int) -> Plan | None:
    """Today and so many days after it; None where no test is asked for. Raises NoEdition before the first edition."""
    now = judge((), at)
    if now.testing is None and not now.owed:
        return None
    supply = supply_ends_on(now)
    planned = tuple(_planned(judge, now, days.plus(now.day, ahead)) for ahead in range(days_ahead + 1))
    return Plan(
        assessment=now,
        days=_with_best(planned, _in_hand(now, supply)),
        supply_until=days.plus(supply, -1) if supply is not None else None,
    )


def planned_day(judge: JudgeAt, at: datetime, on: date) -> PlannerDay:
    """What a test of that day would open, entered on the day itself, or now where that day is over."""
    return _planned(judge, judge((), at), on)


def _in_hand(now: Assessment, supply: date | None) -> date | None:
    """The first day without supply; None where that has come already, and no day is too early or late."""
    return supply if supply is not None and supply > now.day else None


def _with_best(planned: Sequence[PlannerDay], ends: date | None) -> tuple[PlannerDay, ...]:
    """The days, with the best of those that fit: before the supply ends with time to spare, or else the soonest."""
    fits = [day.on for day in planned if day.state == "fits"]
    if not fits:
        return tuple(planned)
    until = days.plus(ends, -1 - MARGIN_DAYS) if ends is not None else days.plus(fits[0], SOON_DAYS - 1)
    until = max(until, fits[0])
    return tuple(replace(day, state="best") if day.state == "fits" and day.on <= until else day for day in planned)


def _planned(judge: JudgeAt, now: Assessment, on: date) -> PlannerDay:
    """One day, as if nothing but the test were recorded from now on."""
    at = max(now.at, days.midnight(on, now.history.zone))
    before = judge((), at)
    entry = Entry(_next_number(now), at, _negative(before, on))
    pieces = list(_pieces(judge, before, entry))
    opening = [piece for piece in pieces if piece.window is not None]
    first = opening[0] if opening else pieces[0]
    open_on = _run(opening)
    pick_up = _pick_up(first, open_on)
    ends = _in_hand(now, supply_ends_on(now))
    needed_on = _needed_on(first, open_on, pick_up, ends)
    return PlannerDay(
        on=on,
        state=_state(first, before, needed_on=needed_on, ends=ends),
        effect=first.effect,
        window=first.window,
        open_on=open_on,
        pick_up=None if before.history.stops.open else pick_up,
        needed_on=needed_on,
        days_left=max(0, (ends - on).days) if ends is not None else None,
        menses_decide=first.window is not None and menses_decides(before),
        places=_places(before, on) if first.effect.counts else (),
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """What the test opens from a day on, until the next on which other rules are in force."""

    effect: Effect
    after: Assessment
    #: The days of its window among those of this piece; None where it opens none.
    open_on: Span | None

    @property
    def window(self) -> Span | None:
        """The window, where it opens one in this piece."""
        return self.effect.window if self.open_on is not None else None


def _pieces(judge: JudgeAt, before: Assessment, entry: Entry) -> Iterator[_Piece]:
    """The day of the entry, and each day of its window from which another edition is in force, or known."""
    program, zone, begins = before.history.program, before.history.zone, before.day
    reach = days.plus(begins, max(edition.window_last_day for edition in program.editions))
    turns = {on for edition in program.editions for on in (edition.in_force_from, edition.known_from)}
    firsts = [begins, *sorted(on for on in turns if begins < on <= reach)]
    for place, first in enumerate(firsts):
        at = max(entry.at, days.midnight(first, zone))
        without = before if first == begins else judge((), at)
        outlook = what_follows(_judge_at(judge, at, without), [entry])
        (effect,) = outlook.effects
        open_on = None
        if effect.window is not None and effect.window.covers(first):
            last = days.plus(firsts[place + 1], -1) if place + 1 < len(firsts) else effect.window.last
            open_on = Span(first, min(last, effect.window.last))
        yield _Piece(effect, outlook.after, open_on)


def _judge_at(judge: JudgeAt, at: datetime, without: Assessment) -> Judge:
    """Judges at that instant; what was answered already without any entry is not worked out again."""
    return lambda entries: judge(entries, at) if entries else without


def _run(opening: Sequence[_Piece]) -> Span | None:
    """The days, without a gap, on which the window of the first of these stands."""
    found: Span | None = None
    for piece in opening:
        assert piece.open_on is not None
        if found is None:
            found = piece.open_on
        elif piece.window == opening[0].window and piece.open_on.first == days.plus(found.last, 1):
            found = Span(found.first, piece.open_on.last)
    return found


def _pick_up(piece: _Piece, open_on: Span | None) -> Span | None:
    """The days of the window on which no blocker stands that time alone clears."""
    free = [blocker.clears_on for blocker in piece.after.blockers if blocker.clears_on is not None]
    if open_on is None or max(free, default=open_on.first) > open_on.last:
        return None
    return Span(max([open_on.first, *free]), open_on.last)


def _needed_on(piece: _Piece, open_on: Span | None, pick_up: Span | None, ends: date | None) -> date | None:
    """The day on which a window is needed, where this one closes before it."""
    if open_on is None:
        return None
    if pick_up is None:
        return max(blocker.clears_on for blocker in piece.after.blockers if blocker.clears_on is not None)
    return days.plus(ends, -1) if ends is not None and open_on.last < days.plus(ends, -1) else None


def _state(piece: _Piece, before: Assessment, *, needed_on: date | None, ends: date | None) -> str:
    """A code of `STATES`; the best are marked once all days are known."""
    if not piece.effect.counts:
        return "lost"
    if piece.window is None:
        return "fits"
    if before.history.stops.open:
        return "stopped"
    if before.window is not None or before.authorization is not None:
        return "again"
    if needed_on is not None:
        return "too-early"
    return "late" if ends is not None and piece.after.day >= ends else "fits"


def _next_number(now: Assessment) -> int:
    """A number behind all in the log: what voids an entry is recorded after it, and stays."""
    return max(entry.number for entry in now.history.entries) + 1


def _places(before: Assessment, on: date) -> tuple[str, ...]:
    """Where a test of that day counts; at home only where that is permitted, which after treatment it need not be."""
    history = before.history
    accepted = windows.settings_asked(before.edition, before.testing, on)
    if before.testing is not None and not windows.home_permitted(history, before.at):
        accepted -= {"home"}
    return tuple(code for code in history.program.settings if code in accepted)


def _negative(before: Assessment, on: date) -> PregnancyTest:
    """The test that is planned: negative, at the first place where it counts, with a menses timing that is known."""
    places = [*_places(before, on), *before.history.program.settings]
    return PregnancyTest(on, "negative", places[0], MENSES[0])
