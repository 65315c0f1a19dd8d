"""Notices about a window: it is open, it closes, it was missed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from . import days
from .assessment import Assessment
from .blockers import PATIENT, PRESCRIBER
from .due_tests import missed_free_on
from .notice import BOTH, DAY, Notice, acting, is_stopped, midnight, to_each
from .records import Counselled

#: A window that closes is announced this long before its end, and once more a day before.
CLOSING_AHEAD = timedelta(hours=48)

#: The hour of the reader's last day at which it is announced for the last time. That is due
#: as soon as the day begins in the program's zone: for hardly anybody is it earlier.
LAST_DAY_HOUR = 9


def month_open(assessment: Assessment) -> Iterator[Notice]:
    """A part of the month is open: to the patient at once; to the prescriber, who may be entering it, a day later."""
    window = assessment.window
    if window is None or is_stopped(assessment):
        return
    opened = _opened_at(assessment)
    until = midnight(assessment, days.plus(window.last, 1)) - CLOSING_AHEAD
    for to, due_at in ((PATIENT, opened), (PRESCRIBER, opened + DAY)):
        if to in acting(assessment):
            yield from to_each([to], "month-open", f"month-open:{window.first}", due_at, until, by=window.last)


def _opened_at(assessment: Assessment) -> datetime:
    """The instant of the entry that opened the window."""
    testing, window = assessment.testing, assessment.latest_window
    assert window is not None
    if testing is not None:
        return max(one.entry.at for one in testing.judged if one.window == window)
    return max(entry.at for entry, visit in assessment.history.in_course(Counselled) if visit.visit_on == window.first)


def window_closing(assessment: Assessment) -> Iterator[Notice]:
    """The window closes: 48 and 24 hours before its end, and on its last day at nine of whoever reads it.

    To the patient, and, while anything but the pick-up is missing, to the prescriber and whoever has to act.
    """
    window, missing = assessment.window, acting(assessment)
    only_pick_up = assessment.allowed or assessment.authorization is not None
    if window is None or is_stopped(assessment) or not (missing or only_pick_up):
        return
    end = midnight(assessment, days.plus(window.last, 1))
    last_day = midnight(assessment, window.last)
    steps = (
        ("window-closing", end - CLOSING_AHEAD, end - DAY, None, None),
        ("window-closing-24", end - DAY, end, None, LAST_DAY_HOUR),
        ("window-closing-last", last_day, end, LAST_DAY_HOUR, None),
    )
    for to in sorted({PATIENT} | ({PRESCRIBER} | missing if missing else set())):
        for occasion, due_at, until, from_hour, until_hour in steps:
            yield Notice(
                "window-closing", f"{occasion}:{window.first}:{to}", to, due_at, until, window.last,
                acts=tuple(sorted(missing)), from_hour=from_hour, until_hour=until_hour,
            )  # fmt: skip


def window_missed(assessment: Assessment) -> Iterator[Notice]:
    """The window was missed, and what to do now. Where a test counts at once, its notice would say the same: the key
    is that one's, so that nobody who got it hears of it twice."""
    window = assessment.latest_window
    if window is None or is_stopped(assessment) or "window-expired" not in assessment.codes:
        return
    free = missed_free_on(assessment)
    occasion = f"test-due:{free}" if free is not None else f"window-missed:{window.last}"
    due_at = midnight(assessment, days.plus(window.last, 1))
    yield from to_each(BOTH, "window-missed", occasion, due_at, due_at + timedelta(days=30))
