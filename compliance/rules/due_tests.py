"""Notices about the next test: before it can be taken, when it can, and when one after treatment is late."""

from collections.abc import Iterator
from datetime import date, timedelta

from . import authorizations, days, followup, windows
from .assessment import Assessment
from .notice import BOTH, Notice, is_stopped, midnight, to_each
from .records import Dispensed

#: The next test is asked for this many days before the supply in hand ends.
TEST_AHEAD_DAYS = 7

#: What begins on a day is announced this many days before it.
BOOK_AHEAD_DAYS = 3

#: Days after which a test after treatment is late, and late once more.
LATE_DAYS = (7, 14)


def test_due(assessment: Assessment) -> Iterator[Notice]:
    """The next test can be taken: to the patient and the prescriber, until it is entered."""
    due = test_due_on(assessment)
    if due is not None and due != missed_free_on(assessment):
        until = midnight(assessment, days.plus(due, 30))
        yield from to_each(BOTH, "test-due", f"test-due:{due}", midnight(assessment, due), until)
    for test in assessment.owed:
        due_at = midnight(assessment, test.due_on)
        occasion = f"{test.code}:{test.due_on}"
        yield from to_each(BOTH, "test-due", occasion, due_at, due_at + timedelta(days=LATE_DAYS[0]))


def owed_late(assessment: Assessment) -> Iterator[Notice]:
    """A test after treatment was not entered a week, and two weeks, after it fell due."""
    first, second = LATE_DAYS
    for test in assessment.owed:
        for late, until in ((first, second), (second, 365)):
            begins, ends = (midnight(assessment, days.plus(test.due_on, after)) for after in (late, until))
            yield from to_each(BOTH, "owed-late", f"owed-late-{late}:{test.code}:{test.due_on}", begins, ends)


def lead_in_ending(assessment: Assessment) -> Iterator[Notice]:
    """The lead-in ends in three days."""
    testing = assessment.testing
    if testing is None or testing.dispensed is not None or is_stopped(assessment):
        return
    if (over := testing.lead_in_over_on) is not None:
        yield from _ahead(assessment, "lead-in-ending", over)


def book_ahead(assessment: Assessment) -> Iterator[Notice]:
    """A test can count in three days; not where the lead-in ends on that day, which says the same."""
    testing, due = assessment.testing, test_due_on(assessment)
    if testing is None or due is None or due == missed_free_on(assessment):
        return
    if testing.dispensed is None and due != testing.lead_in_over_on:
        yield from _ahead(assessment, "book-ahead", due)


def _ahead(assessment: Assessment, kind: str, on: date) -> Iterator[Notice]:
    begins = midnight(assessment, days.plus(on, -BOOK_AHEAD_DAYS))
    yield from to_each(BOTH, kind, f"{kind}:{on}", begins, midnight(assessment, on), by=on)


def test_due_on(assessment: Assessment) -> date | None:
    """The day from which the next test is worth asking for; None while one counts, or something else comes first."""
    due = _counts_from(assessment)
    return max([due, *_not_before(assessment)]) if due is not None else None


def _not_before(assessment: Assessment) -> Iterator[date]:
    """Days before which a test is of no use: it has to lie after each stop, and its window to reach the day on which
    the patient is old enough, and the time between two courses over. They stay the same once that has come.
    """
    history, edition = assessment.history, assessment.edition
    if (stopped := history.stops.last_on) is not None:
        yield days.plus(stopped, 1)
    of_age = days.birthday(history.born_on, edition.least_age) if history.born_on is not None else None
    for free in (of_age, followup.gap_over_on(history, edition)):
        if free is not None:
            yield days.plus(free, -edition.window_last_day)


def _counts_from(assessment: Assessment) -> date | None:
    """The day from which the next test counts, and is not too early for the supply in hand."""
    testing, edition = assessment.testing, assessment.edition
    if testing is None or assessment.window is not None or is_stopped(assessment):
        return None
    if testing.last is not None:
        return _after_missed(assessment)
    if testing.dispensed_on is not None:
        ends = supply_ends_on(assessment)
        return max(days.plus(ends, -TEST_AHEAD_DAYS), days.plus(testing.dispensed_on, 1)) if ends else None
    if testing.screening is None or (testing.lead_in_over_on is None and edition.lead_in_days is not None):
        return None
    return windows.second_from(edition, testing.screening[1].collected_on, testing.lead_in_over_on)


def _after_missed(assessment: Assessment) -> date:
    """The first day of a test that counts after a missed window."""
    testing = assessment.testing
    assert testing is not None and testing.last is not None
    free = days.plus(testing.last.last, 1)
    if testing.dispensed is None and assessment.edition.lockout_days is not None:
        free = max(free, days.plus(testing.last.first, assessment.edition.lockout_days))
    return free


def missed_free_on(assessment: Assessment) -> date | None:
    """The day after a missed window, where a test counts at once: the notice of the missed window says it."""
    testing = assessment.testing
    if testing is None or testing.last is None or assessment.window is not None:
        return None
    free = _after_missed(assessment)
    return free if free == days.plus(testing.last.last, 1) else None


def supply_ends_on(assessment: Assessment) -> date | None:
    """The first day without supply, by the latest hand-over of the course; None where nothing was handed over."""
    history = assessment.history
    dispensed = history.in_course(Dispensed)
    if not dispensed:
        return None
    entry, record = dispensed[-1]
    supply = authorizations.all_of(history)[record.authorization].record.days_supply
    return days.plus(windows.handed_over_on(history, entry, record), supply)
