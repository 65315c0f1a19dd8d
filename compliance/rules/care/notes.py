"""Notes about the time between two fills: a problem, a booked test, a report by mistake."""

from dataclasses import dataclass
from datetime import date

from ..fields import listed, on
from ..record import Record

PROBLEMS = ("missed_period", "method_failed")


@dataclass(frozen=True, slots=True)
class ReportMistaken(Record):
    """The patient says that their own report was pressed by mistake. A note: the stop stays until it is cleared."""

    kind = "report_mistaken"
    readers = {}


@dataclass(frozen=True, slots=True)
class ProblemReported(Record):
    """The patient says that a period was missed, or that a method failed. A note that is told at once: no stop.

    A stop is the report of a pregnancy, or of the suspicion of one. No gate asks for this record.
    """

    kind = "problem_reported"
    readers = {"what": listed(*PROBLEMS)}
    what: str


@dataclass(frozen=True, slots=True)
class BookedTest(Record):
    """A test is booked for a day; another entry moves it, and one without a day takes it back. No gate asks for it."""

    kind = "test_booked"
    readers = {"booked_on": on}
    booked_on: date | None = None
