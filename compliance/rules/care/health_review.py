"""Whether the patient is asked if anything has changed, and what they said that the practice has not entered yet."""

from datetime import timedelta

from ..history import History
from ..records import Entry
from .health import HealthAnswered, HealthReviewed

#: So long after allergies, medicines and conditions were last asked about, the patient is asked whether they changed.
REVIEW_AGAIN_AFTER = timedelta(days=28)


def is_review_offered(history: History) -> bool:
    """Whether the patient is asked: each month of a course, by the practice or here."""
    if history.course is None:
        return False
    asked = [entry.at for entry, _record in (*history.in_course(HealthAnswered), *history.in_course(HealthReviewed))]
    return not asked or history.at - max(asked) >= REVIEW_AGAIN_AFTER


def open_changes(history: History) -> list[tuple[Entry, HealthReviewed]]:
    """What the patient said that has changed since the practice entered the answers, in order."""
    entered = max((entry.number for entry, _record in history.of(HealthAnswered)), default=0)
    return [
        (entry, record) for entry, record in history.of(HealthReviewed) if record.changed and entry.number > entered
    ]


def settled_changes(history: History) -> list[tuple[Entry, HealthReviewed, Entry]]:
    """What the patient said has changed and the practice has dealt with since, with the answers it entered next."""
    answered = [entry for entry, _record in history.of(HealthAnswered)]
    return [
        (entry, record, next(one for one in answered if one.number > entry.number))
        for entry, record in history.of(HealthReviewed)
        if record.changed and answered and answered[-1].number > entry.number
    ]


def unchanged_since(history: History) -> Entry | None:
    """The patient's latest word that nothing has changed, where no change waits; None where there is none."""
    reviewed = history.of(HealthReviewed)
    return reviewed[-1][0] if reviewed and not reviewed[-1][1].changed and not open_changes(history) else None
