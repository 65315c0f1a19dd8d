"""The planner of a patient's page: the days ahead on which a test makes sense, and what a chosen one would open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby

from django.utils.translation import gettext as _

from compliance.rules.booking import booked_on
from compliance.rules.planner import Plan, PlannerDay, plan
from compliance.words import planner as words
from ui import times
from web.shared.common import PatientContext

#: So many days after today are planned: from a fill of thirty days until after its supply has ended.
DAYS_AHEAD = 42

#: So many of the days that make sense are listed one by one.
LISTED = 7


@dataclass(frozen=True, slots=True)
class PlannerLine:
    """One day, or several of which the same is to be said. `ahead`: days from today, where it can be chosen."""

    days: str
    #: How far away it is, and why laboratories may be closed; empty for several days.
    when: str
    closed: str
    state: words.StateWords
    sentences: tuple[str, ...]
    ahead: int | None = None
    recommended: bool = False
    #: The day itself, where one press books a test for it; None for several days, and where it is booked already.
    #: As a form sends it; empty where it cannot be booked.
    to_book: str = ""
    booked: bool = False


@dataclass(frozen=True, slots=True)
class PlannerOption:
    """A day in the list from which one is chosen."""

    ahead: int
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class PlannerPanel:
    """The planner, as a page shows it."""

    #: What comes before any test; the rest is empty then.
    waits: str
    supply_until: date | None
    recommended: PlannerLine | None = None
    chosen: PlannerLine | None = None
    lines: tuple[PlannerLine, ...] = ()
    options: tuple[PlannerOption, ...] = ()
    #: Where a day is booked by one press.
    booking_url: str = ""


def planner_panel(ctx: PatientContext, asked: str, booking_url: str) -> PlannerPanel | None:
    """The planner for this reader; None where no test is asked for.

    `asked`: the days from today to the chosen one. `booking_url`: the page that enters the day of a booked test.
    """
    if ctx.assessment is None:
        return None
    today = plan(ctx.file.assess_with, ctx.at, days_ahead=0)
    if today is None:
        return None
    waits = words.waits_words(today, ctx.reader.role)
    if waits:
        return PlannerPanel(waits, today.supply_until)
    # Dear: each of these days is judged twice. They are planned only where they are shown.
    found = plan(ctx.file.assess_with, ctx.at, days_ahead=DAYS_AHEAD) or today
    line = partial(_line, found, ctx.reader.role)
    chosen = _chosen(found, asked)
    return PlannerPanel(
        waits="",
        supply_until=found.supply_until,
        recommended=line(found.recommended) if found.recommended else None,
        chosen=line(chosen) if chosen else None,
        lines=tuple(_lines(found, ctx.reader.role)),
        options=tuple(_option(found, day, chosen or found.recommended) for day in found.days),
        booking_url=booking_url,
    )


def _chosen(found: Plan, asked: str) -> PlannerDay | None:
    """The day that was chosen; None where the address names none that is planned."""
    if not (asked.isascii() and asked.isdigit() and len(asked) < 4):
        return None
    return next((day for day in found.days if _ahead(found, day) == int(asked)), None)


def _ahead(found: Plan, day: PlannerDay) -> int:
    return (day.on - found.assessment.day).days


def _line(found: Plan, role: str, day: PlannerDay) -> PlannerLine:
    """One day by itself."""
    booked = booked_on(found.assessment.history) == day.on
    return PlannerLine(
        days=words.long_day(day.on),
        when=words.days_from(day.on, found.assessment.day),
        closed=words.closed_words(day.on),
        state=words.STATES[day.state],
        sentences=tuple(words.day_words(found, day, role)),
        ahead=_ahead(found, day),
        recommended=day is found.recommended,
        to_book="" if booked else day.on.isoformat(),
        booked=booked,
    )


def _lines(found: Plan, role: str) -> Iterator[PlannerLine]:
    """The first days that make sense one by one, and all others together with their like."""
    listed = {day.on for day in found.sensible[:LISTED]}

    def alike(day: PlannerDay) -> tuple[object, ...]:
        return (day.on,) if day.on in listed else (day.state, words.range_words(found, day, role))

    for _key, days in groupby(found.days, alike):
        group = list(days)
        yield _line(found, role, group[0]) if group[0].on in listed else _several(found, role, group)


def _several(found: Plan, role: str, group: Sequence[PlannerDay]) -> PlannerLine:
    first, last = group[0], group[-1]
    label = words.long_day(first.on)
    if len(group) > 1:
        label = _("%(first)s to %(last)s") % {"first": label, "last": words.long_day(last.on)}
    return PlannerLine(label, "", "", words.STATES[first.state], (words.range_words(found, first, role),))


def _option(found: Plan, day: PlannerDay, chosen: PlannerDay | None) -> PlannerOption:
    parts = [
        times.plain_day(day.on), words.days_from(day.on, found.assessment.day), words.closed_words(day.on),
        str(words.STATES[day.state].label),
    ]  # fmt: skip
    return PlannerOption(_ahead(found, day), " · ".join(part for part in parts if part), day is chosen)
