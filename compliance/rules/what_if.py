"""What another edition would have answered: for each fill, the first day on which it could have been authorized."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from . import days, gate
from .authorizations import all_of
from .editions import NoEdition, Program
from .history import History
from .records import Enrolled, Entry

SAME, EARLIER, LATER, REFUSED = KINDS = ("same", "earlier", "later", "refused")

#: So many days after the fill a yes is still looked for, with the records that there were.
LOOKED_AHEAD = 60

#: What is not the patient's month: whether it stood on those days is not asked. No pharmacy is named at all.
_LEFT_OUT = frozenset({"prescriber-not-certified", "authorization-open"})

#: The log as it stood before a record, by a program, at an instant.
type ReadBefore = Callable[[Program, int, datetime], History]


@dataclass(frozen=True, slots=True)
class FillAnswer:
    """A fill, and the first days on which it could have been authorized: by the rules of then, and by the other one."""

    number: str
    was: date
    then: date | None

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        if self.then is None:
            return REFUSED
        if self.then < self.was:
            return EARLIER
        return LATER if self.then > self.was else SAME


def under(program: Program, code: str) -> Program:
    """The program as if that edition had been in force from the beginning. Raises NoEdition for one that is none."""
    edition = replace(program.edition(code), in_force_from=date.min, known_from=date.min)
    return replace(program, editions=(edition,))


class _Fill(NamedTuple):
    number: str
    issued: Entry
    #: From when this fill could have been authorized at all: the fill before it, or the enrolment.
    since: datetime


def fill_answers(history: History, read_before: ReadBefore, code: str) -> list[FillAnswer]:
    """Each fill of a history, in order, by the rules of then and by the edition of that code. Raises NoEdition."""
    program, other = history.program, under(history.program, code)
    answers = []
    for fill in _fills(history):
        last = history.day_of(fill.issued.at)
        was = _first(fill, lambda at, f=fill: read_before(program, f.issued.number, at), history, last)  # type: ignore[misc]
        then = _first(
            fill,
            lambda at, f=fill: read_before(other, f.issued.number, at),  # type: ignore[misc]
            history,
            days.plus(last, LOOKED_AHEAD),
        )
        answers.append(FillAnswer(fill.number, was or last, then))
    return answers


def _fills(history: History) -> list[_Fill]:
    opened = [entry.at for entry in history.entries if isinstance(entry.record, Enrolled)]
    handed_over = [fact.dispensed.at for fact in all_of(history).values() if fact.dispensed is not None]
    fills = []
    for number, fact in all_of(history).items():
        if fact.dispensed is not None:
            before = [at for at in (*opened, *handed_over) if at < fact.entry.at]
            fills.append(_Fill(number, fact.entry, max(before, default=fact.entry.at)))
    return fills


def _first(fill: _Fill, read: Callable[[datetime], History], history: History, until: date) -> date | None:
    """The first day by whose end the month's requirements were met; on the fill's own day, by its own instant."""
    day = history.day_of(fill.since)
    while day <= until:
        end = days.midnight(days.plus(day, 1), history.zone) - timedelta.resolution
        at = fill.issued.at if day == history.day_of(fill.issued.at) else end
        if _is_yes(read(at)):
            return day
        day = days.plus(day, 1)
    return None


def _is_yes(history: History) -> bool:
    try:
        assessment = gate.judge(history, prescribers={})
    except NoEdition:
        return False
    return all(blocker.code in _LEFT_OUT for blocker in assessment.blockers)
