"""What was taken over a course, in mg for each kg, from what was handed over; and when the course should be enough.

Source: prescribing information (15 to 20 weeks; eight weeks before a second course); the band of 120 to 150 mg/kg is
the usual aim of a course, which no label states (assumed).
"""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import ceil

from .. import authorizations, days, windows
from ..history import History
from ..records import Dispensed
from . import dose
from .prescription import Prescribed
from .products import table_of

#: mg for each kg over a course, as the standard table counts them.
BAND = (120, 150)
#: How long a course takes, in days: 15 to 20 weeks.
COURSE_DAYS = (105, 140)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseDose:
    """What was handed over in a course, and what follows of it."""

    #: For each kg, as the standard table counts.
    mg_per_kg: Fraction
    #: Fills that are counted, and those before which no prescription was entered.
    fills: int
    uncounted: int
    #: When the first fill was handed over.
    first_on: date | None
    #: The days on which both ends of the band are reached at the present dose; None where it is reached or not known.
    enough_on: tuple[date, date] | None
    #: 15 and 20 weeks after the first fill.
    weeks_end: tuple[date, date] | None

    @property
    def state(self) -> str:
        """Where it stands: `below`, `within` or `above` the band."""
        if self.mg_per_kg < BAND[0]:
            return "below"
        return "within" if self.mg_per_kg <= BAND[1] else "above"


@dataclass(frozen=True, slots=True)
class _Fill:
    """One hand-over: its day, for how many days, and what was prescribed then."""

    on: date
    days_supply: int
    prescribed: Prescribed | None


def course_dose(history: History) -> CourseDose | None:
    """Of the course that is open, or else of the latest; None where there was none."""
    fills = _fills(history)
    if fills is None:
        return None
    counted = [fill for fill in fills if fill.prescribed is not None]
    total = sum((_each_day(fill.prescribed) * fill.days_supply for fill in counted if fill.prescribed), Fraction(0))
    first_on = min((fill.on for fill in fills), default=None)
    return CourseDose(
        mg_per_kg=total,
        fills=len(counted),
        uncounted=len(fills) - len(counted),
        first_on=first_on,
        enough_on=_enough_on(history, fills, total),
        weeks_end=(days.plus(first_on, COURSE_DAYS[0]), days.plus(first_on, COURSE_DAYS[1])) if first_on else None,
    )


def _fills(history: History) -> list[_Fill] | None:
    """The hand-overs of the course, in order."""
    opened = _opened(history)
    if opened is None:
        return None
    issued = authorizations.all_of(history)
    prescribed = [(entry.at, record) for entry, record in history.of(Prescribed, opened)]
    fills = []
    for entry, record in history.of(Dispensed, opened):
        before = [one for at, one in prescribed if at <= entry.at]
        on = windows.handed_over_on(history, entry, record)
        supply = issued[record.authorization].record.days_supply
        fills.append(_Fill(on, supply, before[-1] if before else None))
    return fills


def _opened(history: History) -> datetime | None:
    """When the course began: what is handed over until the next one begins is of it, also where it is entered late."""
    course = history.course or history.last_ended
    return course.opened.at if course is not None else None


def _each_day(prescribed: Prescribed) -> Fraction:
    """mg for each kg and day, as the standard table counts."""
    taken = dose.per_kg(prescribed.daily_mg, prescribed.weight_g)
    return taken * dose.RANGES[table_of(prescribed.product)].equal_to


def last_prescribed(history: History) -> Prescribed | None:
    """What was prescribed last in the open course."""
    prescribed = history.in_course(Prescribed)
    return prescribed[-1][1] if prescribed else None


def _enough_on(history: History, fills: list[_Fill], total: Fraction) -> tuple[date, date] | None:
    """When what is taken reaches the band, where the dose of today goes on without a gap after the last fill."""
    prescribed = history.in_course(Prescribed)
    if not prescribed or any(fill.prescribed is None for fill in fills) or total >= BAND[0]:
        return None
    each_day = _each_day(prescribed[-1][1])
    runs_out = max((days.plus(fill.on, fill.days_supply) for fill in fills), default=history.day)
    first, last = (ceil((end - total) / each_day) for end in BAND)
    goes_on = max(runs_out, history.day)
    return days.plus(goes_on, first), days.plus(goes_on, last)
