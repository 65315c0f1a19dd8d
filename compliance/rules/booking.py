"""The day on which a test is booked, as the practice or the patient entered it. It decides nothing: it is a note, by
which somebody hears of a result that nobody entered.
"""

from datetime import date

from .care.notes import BookedTest
from .history import History, is_stop
from .records import Discontinued, PregnancyTest

#: A day that lies further ahead is a mistyped year.
LONGEST_AHEAD_DAYS = 120


def booked_on(history: History) -> date | None:
    """The day that is booked; None where none is, where it was taken back, or a stop or the end of a course came since.

    A test that was collected on that day or later settles it.
    """
    bookings = history.of(BookedTest)
    if not bookings or bookings[-1][1].booked_on is None:
        return None
    entry, record = bookings[-1]
    later = (other.record for other in history.entries if other.number > entry.number)
    if any(is_stop(one) or isinstance(one, Discontinued) for one in later):
        return None
    assert record.booked_on is not None
    taken = any(test.collected_on >= record.booked_on for _, test in history.of(PregnancyTest))
    return None if taken else record.booked_on


def booking_number(history: History) -> int:
    """The number of the record that first booked the appointment there is now: later ones have moved it.

    Whatever came between and settled or ended one begins another: a test, taking it back, a stop, the end of a course.
    """
    first = 0
    for entry in history.entries:
        record = entry.record
        if isinstance(record, BookedTest):
            first = (first or entry.number) if record.booked_on is not None else 0
        elif isinstance(record, (PregnancyTest, Discontinued)) or is_stop(record):
            first = 0
    return first
