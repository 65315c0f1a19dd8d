"""Which notices are due, to whom and until when. Only times and codes: the wording stands elsewhere.

One function a kind. Nothing is scheduled: what is due follows from the assessment, each time it is worked out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from . import due_bookings, due_reports, due_signatures, due_supplies, due_tests, due_windows
from .assessment import Assessment
from .blockers import PRESCRIBER
from .care import laboratory_due
from .change import next_change
from .history import History, in_order
from .notice import Due, Notice
from .records import Enrolled, Entry, FileTransferred, Registered, Transferred

__all__ = ["DUE", "VERSION", "Notice", "next_due", "notices"]

#: To be raised by a change of what is due, or when: every row is worked out anew after the release, so that no instant
#: that the release before had not looked ahead to goes by.
VERSION = 6

#: By the code of the kind; `notifications/kinds.py` has a row for each.
DUE: Mapping[str, Due] = {
    "consent-unfinished": due_signatures.consent_unfinished,
    "guardian-waited-for": due_signatures.guardian_waited_for,
    "lead-in-ending": due_tests.lead_in_ending,
    "book-ahead": due_tests.book_ahead,
    "test-due": due_tests.test_due,
    "result-missing": due_bookings.result_missing,
    "laboratory-due": laboratory_due.laboratory_due,
    "month-open": due_windows.month_open,
    "window-closing": due_windows.window_closing,
    "window-missed": due_windows.window_missed,
    "authorization-issued": due_supplies.authorization_issued,
    "supply-ending": due_supplies.supply_ending,
    "authorization-overdue": due_supplies.authorization_overdue,
    "late-hand-over": due_supplies.late_hand_over,
    "last-dose": due_supplies.last_dose,
    "owed-late": due_tests.owed_late,
    "precautions-over": due_supplies.precautions_over,
    "stop-unopened": due_supplies.stop_unopened,
    "report-unanswered": due_reports.report_unanswered,
    "report-same-day": due_reports.report_same_day,
    "report-soon": due_reports.report_soon,
    "health-changed": due_reports.health_changed,
}


def notices(assessment: Assessment) -> list[Notice]:
    """Every notice that is due or will fall due if nothing is recorded, by the instant it does."""
    found = [notice for due in DUE.values() for notice in due(assessment)]
    if moves := _moves(assessment.history):
        found = [_to_new_holder(assessment.history, moves, notice) for notice in found]
    return sorted(found, key=lambda notice: (notice.due_at, notice.key))


def _moves(history: History) -> list[tuple[Entry, Transferred | FileTransferred]]:
    """Each time that the patient was handed over, in order."""
    moves: list[tuple[Entry, Transferred | FileTransferred]] = [*history.of(Transferred), *history.of(FileTransferred)]
    return sorted(moves, key=lambda move: in_order(move[0]))


def _to_new_holder(
    history: History, moves: list[tuple[Entry, Transferred | FileTransferred]], notice: Notice
) -> Notice:
    """To a prescriber who took the patient over after it fell due it is another notice: they did not get the first.

    One who gets the patient back did.
    """
    if notice.to != PRESCRIBER:
        return notice
    before = [record.prescriber for entry, record in moves if entry.at <= notice.due_at]
    if (before[-1] if before else _opener(history)) == history.holder:
        return notice
    return replace(notice, key=f"{notice.key}:{history.holder}", before=notice.key)


def _opener(history: History) -> str | None:
    """Whose patient it was when the file was opened."""
    opened: list[tuple[Entry, Registered | Enrolled]] = [*history.of(Registered), *history.of(Enrolled)]
    return next((record.prescriber for _, record in opened if record.prescriber), None)


def next_due(assessment: Assessment) -> datetime | None:
    """The next instant at which the answer changes by itself or a notice falls due; None when nothing is ahead."""
    ahead = [n.due_at for n in notices(assessment) if n.due_at > assessment.at]
    if (change := next_change(assessment)) is not None:
        ahead.append(change)
    return min(ahead, default=None)
