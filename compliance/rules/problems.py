"""What a patient reported that is no stop: a missed period, a method that failed. It decides nothing.

It stands until somebody deals with it: a visit, a test, a stop or the end of the course is recorded after it.
"""

from .care.notes import ProblemReported
from .history import History, is_stop
from .records import Counselled, Discontinued, Entry, PregnancyTest


def open_problem(history: History) -> Entry | None:
    """The latest report, where nothing was recorded since that deals with it."""
    reported = history.of(ProblemReported)
    if not reported:
        return None
    entry, _record = reported[-1]
    later = (other.record for other in history.entries if other.number > entry.number)
    dealt_with = any(is_stop(one) or isinstance(one, (Counselled, PregnancyTest, Discontinued)) for one in later)
    return None if dealt_with else entry
