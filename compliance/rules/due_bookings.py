"""Notices about a test that was booked."""

from collections.abc import Iterator
from datetime import timedelta

from . import days
from .assessment import Assessment
from .booking import booked_on
from .notice import BOTH, DAY, Notice, is_stopped, midnight, to_each

#: For so long the result is asked for.
_ASKED_FOR = timedelta(days=14)


def result_missing(assessment: Assessment) -> Iterator[Notice]:
    """No result was entered a day after the end of the day for which a test is booked."""
    on = booked_on(assessment.history)
    if on is None or is_stopped(assessment):
        return
    due_at = midnight(assessment, days.plus(on, 1)) + DAY
    yield from to_each(BOTH, "result-missing", f"result-missing:{on}", due_at, due_at + _ASKED_FOR)
