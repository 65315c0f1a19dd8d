"""A notice: one message that the rules say is due, to one side. And what the functions that make notices share."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from . import days
from .assessment import Assessment
from .blockers import NOBODY, OFFICE, PATIENT, PHARMACY, PRESCRIBER

DAY = timedelta(days=1)

#: Both who look after the month: most notices go to each of them.
BOTH = (PATIENT, PRESCRIBER)


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one side. `key` is unique within the patient: the same notice is never enqueued twice.

    It is due at `due_at` and pointless from `until` on; where it names an hour, narrower for each reader: by their
    clock, the last such hour before `until` counts. `pharmacy` names the pharmacy where `to` is one.
    """

    kind: str
    key: str
    to: str
    due_at: datetime
    until: datetime
    by: date | None = None
    pharmacy: str = ""
    #: Who still has to do something, where the message names them.
    acts: tuple[str, ...] = ()
    #: The key of the same notice to the prescriber before, where the patient was handed over since it fell due.
    before: str = ""
    #: It goes only where nobody has opened the patient's page since then, which the log does not say.
    since: datetime | None = None
    #: The hour of the reader's clock at which it goes; and the one from which on another says the same.
    from_hour: int | None = None
    until_hour: int | None = None

    def is_current(self, at: datetime) -> bool:
        """Whether it is due at that instant, and not pointless yet."""
        return self.due_at <= at < self.until


#: Makes the notices of one kind.
Due = Callable[[Assessment], Iterable[Notice]]


def midnight(assessment: Assessment, on: date) -> datetime:
    """The instant at which that day begins in the program's zone."""
    return days.midnight(on, assessment.history.zone)


def is_stopped(assessment: Assessment) -> bool:
    """Whether a stop is open: nobody is asked for anything but to look at it."""
    return assessment.history.stops.open


def acting(assessment: Assessment) -> set[str]:
    """Who has to do something before the answer can be yes, the pharmacy and the program office left out."""
    return {who for blocker in assessment.blockers for who in blocker.who} - {NOBODY, PHARMACY, OFFICE}


def to_each(
    sides: Iterable[str], kind: str, occasion: str, due_at: datetime, until: datetime, *, by: date | None = None,
    since: datetime | None = None,
) -> Iterator[Notice]:  # fmt: skip
    """The notice about one occasion to each of these sides."""
    for to in sides:
        yield Notice(kind, f"{occasion}:{to}", to, due_at, until, by, since=since)
