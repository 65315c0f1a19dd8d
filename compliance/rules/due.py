"""Which notices are due, to whom and until when. Only times and codes: the wording stands elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from . import authorizations, days
from .assessment import Assessment
from .blockers import NOBODY, PATIENT, PHARMACY, PRESCRIBER
from .change import next_change
from .records import Authorized

#: A window that closes is announced this long before its end.
CLOSING_AHEAD = timedelta(hours=48)

#: The next test is asked for this many days before the supply in hand ends.
TEST_AHEAD_DAYS = 7


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one side. `key` is unique within the patient: the same notice is never enqueued twice.

    It is due at `due_at` and pointless from `until` on. `pharmacy` names the pharmacy where `to` is one.
    """

    kind: str
    key: str
    to: str
    due_at: datetime
    until: datetime
    by: date | None = None
    pharmacy: str = ""


def notices(assessment: Assessment) -> list[Notice]:
    """Every notice that is due or will fall due if nothing is recorded, by the instant it does."""
    notices_due = [*_tests(assessment), *_owed(assessment), *_closing(assessment), *_overdue(assessment)]
    return sorted(notices_due, key=lambda notice: (notice.due_at, notice.key))


def next_due(assessment: Assessment) -> datetime | None:
    """The next instant at which the answer changes by itself or a notice falls due; None when nothing is ahead."""
    ahead = [n.due_at for n in notices(assessment) if n.due_at > assessment.at]
    if (change := next_change(assessment)) is not None:
        ahead.append(change)
    return min(ahead, default=None)


def _test_due(assessment: Assessment, key: str, to: str, due: date, until: date) -> Notice:
    zone = assessment.history.zone
    return Notice("test-due", f"{key}:{to}", to, days.midnight(due, zone), days.midnight(until, zone))


def _tests(assessment: Assessment) -> Iterator[Notice]:
    """The next test can be taken: to the patient and the prescriber, until it is entered."""
    due = _test_due_on(assessment)
    if due is None or assessment.history.stops.open:
        return
    for to in (PATIENT, PRESCRIBER):
        yield _test_due(assessment, f"test-due:{due}", to, due, days.plus(due, 30))


def _test_due_on(assessment: Assessment) -> date | None:
    """The day from which the next test is worth asking for; None while one counts, or something else comes first."""
    testing, edition = assessment.testing, assessment.edition
    if testing is None or assessment.window is not None:
        return None
    if testing.last is not None:
        return _after_missed(assessment)
    if testing.dispensed_on is not None:
        return max(days.plus(testing.dispensed_on, _supply(assessment) - TEST_AHEAD_DAYS), _next(testing.dispensed_on))
    if testing.screening is None or (testing.lead_in_over_on is None and edition.lead_in_days is not None):
        return None
    earliest = days.plus(testing.screening[1].collected_on, edition.screening_gap_days)
    return max(earliest, testing.lead_in_over_on or earliest)


def _after_missed(assessment: Assessment) -> date:
    testing = assessment.testing
    assert testing is not None and testing.last is not None
    free = _next(testing.last.last)
    if testing.dispensed is None and assessment.edition.lockout_days is not None:
        free = max(free, days.plus(testing.last.first, assessment.edition.lockout_days))
    return free


def _next(on: date) -> date:
    return days.plus(on, 1)


def _supply(assessment: Assessment) -> int:
    """The days' supply of the latest authorization that was dispensed."""
    words = [r.days_supply for _, r in assessment.history.of(Authorized)]
    return words[-1] if words else assessment.edition.largest_supply_days


def _owed(assessment: Assessment) -> Iterator[Notice]:
    for test in assessment.owed:
        for to in (PATIENT, PRESCRIBER):
            until = days.plus(test.due_on, 365)
            yield _test_due(assessment, f"{test.code}:{test.due_on}", to, test.due_on, until)


def _closing(assessment: Assessment) -> Iterator[Notice]:
    """The window closes: to whoever still has to act, and to the patient when only the pick-up is left."""
    window = assessment.window
    if window is None or assessment.history.stops.open:
        return
    end = days.midnight(_next(window.last), assessment.history.zone)
    acting = {who for blocker in assessment.blockers for who in blocker.who} - {NOBODY, PHARMACY}
    for to in sorted(acting or {PATIENT}):
        key = f"window-closing:{window.first}:{to}"
        yield Notice("window-closing", key, to, end - CLOSING_AHEAD, end, window.last)


def _overdue(assessment: Assessment) -> Iterator[Notice]:
    """An authorization is void or expired and not reversed: to the pharmacy that obtained it."""
    history = assessment.history
    for number, authorization in authorizations.all_of(history).items():
        if not authorization.overdue:
            continue
        record = authorization.record
        expired_at = days.midnight(_next(record.dispense_by), history.zone)
        due_at = min(expired_at, assessment.at)
        until = due_at + timedelta(days=3650)
        key = f"authorization-overdue:{number}"
        yield Notice("authorization-overdue", key, PHARMACY, due_at, until, None, record.pharmacy)
