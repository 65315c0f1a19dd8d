"""The next instant at which the answer can change without a record: always a midnight of the program's zone."""

from collections.abc import Iterator
from datetime import date, datetime

from . import authorizations, days
from .assessment import Assessment
from .followup import gap_over_on


def next_change(assessment: Assessment) -> datetime | None:
    """The earliest midnight after the question at which a rule looks at a date that has come; None when none does."""
    ahead = [on for on in _dates(assessment) if on > assessment.day]
    return days.midnight(min(ahead), assessment.history.zone) if ahead else None


def _dates(assessment: Assessment) -> Iterator[date]:
    """Every day on which some comparison with `d` turns over; too many does no harm, too few would."""
    history, edition, testing = assessment.history, assessment.edition, assessment.testing
    yield from (e.in_force_from for e in history.program.editions)
    for span in (*assessment.prescriber_spans, *(assessment.question.pharmacy or ())):
        yield span.first
        yield days.plus(span.last, 1)
    if history.born_on is not None:
        yield days.birthday(history.born_on, edition.least_age)
        yield days.birthday(history.born_on, history.program.adult_age)
    if (gap := gap_over_on(history, edition)) is not None:
        yield gap
    for file in (history, *history.linked):
        for authorization in authorizations.all_of(file).values():
            yield days.plus(authorization.record.dispense_by, 1)
    if assessment.latest_window is not None:
        yield days.plus(assessment.latest_window.last, 1)
    if testing is not None:
        yield from (days.plus(window.last, 1) for window in testing.windows)
        if testing.lead_in_over_on is not None:
            yield testing.lead_in_over_on
        if testing.last is not None and edition.lockout_days is not None:
            yield days.plus(testing.last.first, edition.lockout_days)
    yield from (test.due_on for test in assessment.owed)
    yield from (reissue.from_day for every in history.program.reissues.values() for reissue in every)
