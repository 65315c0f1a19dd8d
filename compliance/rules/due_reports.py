"""Notices about what the patient said of their health and nobody has answered.

What is urgent is told at once by the command that records it (`compliance.commands.stops`); here it is told again. Of a
PHQ-9 without thoughts of harm the practice hears by its band: severe on the same day, moderately severe in the morning.

Source of the bands: Kroenke, Spitzer, Williams, "The PHQ-9", J Gen Intern Med 2001, 16(9). That a moderately severe
score asks for active treatment, and a severe one for treatment begun at once: Kroenke, Spitzer, "The PHQ-9: a new
depression diagnostic and severity measure", Psychiatric Annals 2002, 32(9). Symptoms of depression stop the medicine
until they are looked at: prescribing information, psychiatric disorders. The hours are assumed.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from .assessment import Assessment
from .blockers import OFFICE, PRESCRIBER
from .care.health_review import open_changes
from .care.mood import MODERATELY_SEVERE, SEVERE, MoodAnswered
from .care.open_reports import open_reports, open_urgent
from .notice import Notice, to_each

#: So many hours after an urgent report the practice hears of it again; and then the office.
AGAIN_HOURS, OFFICE_HOURS = (1, 4), 8

_WEEK = timedelta(days=7)


def report_unanswered(assessment: Assessment) -> Iterator[Notice]:
    """An urgent report waits. Whether somebody has looked at it meanwhile, the log does not say: `since` asks."""
    for entry in open_urgent(assessment.history):
        for hour, until in pairwise((*AGAIN_HOURS, OFFICE_HOURS)):
            occasion = f"report-unanswered:{entry.number}:{hour}"
            due_at, over = entry.at + timedelta(hours=hour), entry.at + timedelta(hours=until)
            yield from to_each([PRESCRIBER], "report-unanswered", occasion, due_at, over, since=entry.at)
        due_at = entry.at + timedelta(hours=OFFICE_HOURS)
        occasion = f"report-unanswered:{entry.number}"
        yield from to_each([OFFICE], "report-unanswered", occasion, due_at, due_at + _WEEK, since=entry.at)


def report_same_day(assessment: Assessment) -> Iterator[Notice]:
    """The answers of a patient are severe, without thoughts of harm."""
    yield from _of_band(assessment, SEVERE, "report-same-day")


def report_soon(assessment: Assessment) -> Iterator[Notice]:
    """The answers of a patient are moderately severe, without thoughts of harm."""
    yield from _of_band(assessment, MODERATELY_SEVERE, "report-soon")


def _of_band(assessment: Assessment, band: str, kind: str) -> Iterator[Notice]:
    for entry, report in open_reports(assessment.history):
        if isinstance(report, MoodAnswered) and not report.is_urgent and report.band == band:
            yield from to_each([PRESCRIBER], kind, f"{kind}:{entry.number}", entry.at, entry.at + _WEEK)


def health_changed(assessment: Assessment) -> Iterator[Notice]:
    """The patient says that something has changed, and the practice has not entered the answers since."""
    for entry, _record in open_changes(assessment.history):
        occasion = f"health-changed:{entry.number}"
        yield from to_each([PRESCRIBER], "health-changed", occasion, entry.at, entry.at + 2 * _WEEK)
