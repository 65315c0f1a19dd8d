"""Which reports of the patient wait for the practice. They decide nothing.

What is urgent waits until the practice answers it; what can wait also until a visit is recorded after it.
"""

from collections.abc import Iterable
from datetime import timedelta

from ..history import History
from ..records import Counselled, Entry, Record
from .mood import MoodAnswered
from .side_effects import ReportAnswered, SideEffectReported

type Report = MoodAnswered | SideEffectReported

#: So long after the questions about how the patient feels they are offered again.
MOOD_AGAIN_AFTER = timedelta(days=28)


def report_in(record: Record) -> Report | None:
    """The record, where it is a report of the patient: a side effect, or answers that somebody has to look at."""
    if isinstance(record, SideEffectReported):
        return record
    if isinstance(record, MoodAnswered) and (record.is_urgent or record.is_to_be_talked_about):
        return record
    return None


def reports(entries: Iterable[Entry]) -> list[tuple[Entry, Report]]:
    """Every report, in order, answered or not."""
    return [(entry, report) for entry in entries if (report := report_in(entry.record)) is not None]


def open_reports(history: History) -> list[tuple[Entry, Report]]:
    """The reports that wait: thoughts of harm, then what else is urgent, then the rest, of each the newest first."""
    answered = max((record.report for _entry, record in history.of(ReportAnswered)), default=0)
    visited = max((entry.number for entry, _record in history.of(Counselled)), default=0)
    waiting = [
        (entry, report)
        for entry, report in reports(history.entries)
        if entry.number > answered and (report.is_urgent or entry.number > visited)
    ]
    return sorted(waiting, key=lambda one: (not one[1].is_crisis, not one[1].is_urgent, -one[0].number))


def open_urgent(history: History) -> list[Entry]:
    """The urgent reports that nobody has answered yet, the newest first."""
    return [entry for entry, report in open_reports(history) if report.is_urgent]


def answer_to(history: History, number: int) -> tuple[Entry, ReportAnswered] | None:
    """The latest answer to the report of that number; None while there is none."""
    found = [(entry, record) for entry, record in history.of(ReportAnswered) if record.report >= number]
    return found[-1] if found else None


def is_mood_offered(history: History) -> bool:
    """Whether the questions about how the patient feels are offered: each month of a course."""
    if history.course is None:
        return False
    asked = [entry.at for entry, _record in history.in_course(MoodAnswered)]
    return not asked or history.at - asked[-1] >= MOOD_AGAIN_AFTER
