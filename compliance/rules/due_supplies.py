"""Notices about what a pharmacy hands over, and about the end of treatment."""

from collections.abc import Iterator
from datetime import timedelta

from . import authorizations, days, followup
from .assessment import Assessment
from .authorizations import AuthorizationFact
from .blockers import OFFICE, PATIENT, PHARMACY, PRESCRIBER
from .due_tests import supply_ends_on
from .notice import DAY, Notice, is_stopped, midnight, to_each
from .records import Dispensed
from .windows import handed_over_on

#: The end of the supply in hand is announced so many days before it, and once more.
SUPPLY_AHEAD_DAYS = (10, 5)

#: A last dose is asked for so many days after the last hand-over, until so many.
LAST_DOSE_DAYS, LAST_DOSE_UNTIL_DAYS = 40, 100

#: On so many days the pharmacy hears of what is overdue, before the office does.
OVERDUE_DAYS = 3

#: A stop that nobody looked at is told again on so many days.
STOP_DAYS = 14

_WEEK, _LONG = timedelta(days=7), timedelta(days=3650)


def authorization_issued(assessment: Assessment) -> Iterator[Notice]:
    """An authorization is open: the patient hears until when it can be picked up."""
    authorization = assessment.authorization
    if authorization is None or is_stopped(assessment):
        return
    record = authorization.record
    until = midnight(assessment, days.plus(record.dispense_by, 1))
    occasion = f"authorization-issued:{record.number}"
    yield from to_each(
        [PATIENT], "authorization-issued", occasion, authorization.entry.at, until, by=record.dispense_by
    )


def supply_ending(assessment: Assessment) -> Iterator[Notice]:
    """The supply in hand ends in ten and in five days; not where a hand-over was of fewer."""
    ends, dispensed = supply_ends_on(assessment), assessment.history.in_course(Dispensed)
    if ends is None or is_stopped(assessment) or assessment.authorization is not None:
        return
    begun = handed_over_on(assessment.history, *dispensed[-1])
    first, second = SUPPLY_AHEAD_DAYS
    for ahead, until in ((first, second), (second, 0)):
        due_on = days.plus(ends, -ahead)
        if due_on > begun:
            due_at, over = midnight(assessment, due_on), midnight(assessment, days.plus(ends, -until))
            occasion = f"supply-ending-{ahead}:{ends}"
            yield from to_each([PATIENT], "supply-ending", occasion, due_at, over, by=days.plus(ends, -1))


def last_dose(assessment: Assessment) -> Iterator[Notice]:
    """Nothing was handed over for a long time, and the course is still open: is treatment over?"""
    dispensed = assessment.history.in_course(Dispensed)
    if not dispensed or assessment.window is not None or assessment.authorization is not None:
        return
    entry, record = dispensed[-1]
    on = handed_over_on(assessment.history, entry, record)
    due_at, until = (midnight(assessment, days.plus(on, count)) for count in (LAST_DOSE_DAYS, LAST_DOSE_UNTIL_DAYS))
    yield from to_each([PRESCRIBER], "last-dose", f"last-dose:{entry.number}", due_at, until)


def precautions_over(assessment: Assessment) -> Iterator[Notice]:
    """The month of contraception and without blood donations after the last dose is over."""
    safe_from = followup.safe_from(assessment.history, assessment.edition)
    if safe_from is not None and not is_stopped(assessment):
        due_at = midnight(assessment, safe_from)
        yield from to_each([PATIENT], "precautions-over", f"precautions-over:{safe_from}", due_at, due_at + _WEEK)


def authorization_overdue(assessment: Assessment) -> Iterator[Notice]:
    """An authorization is void or expired and not reversed: to the pharmacy on three days, and then to the office."""
    for number, authorization in authorizations.all_of(assessment.history).items():
        if authorization.overdue:
            yield from _overdue(assessment, number, authorization)


def _overdue(assessment: Assessment, number: str, authorization: AuthorizationFact) -> Iterator[Notice]:
    record, ended = authorization.record, authorization.ended
    since = midnight(assessment, days.plus(record.dispense_by, 1))
    since = min(since, ended.at) if ended is not None else since
    kind = "authorization-overdue"
    for count in range(OVERDUE_DAYS):
        key = f"{kind}:{number}:{count}" if count else f"{kind}:{number}"
        due_at = since + count * DAY
        yield Notice(kind, key, PHARMACY, due_at, due_at + DAY, None, record.pharmacy)
    due_at = since + OVERDUE_DAYS * DAY
    yield Notice(kind, f"{kind}:{number}:{OFFICE}", OFFICE, due_at, due_at + _LONG)


def late_hand_over(assessment: Assessment) -> Iterator[Notice]:
    """A hand-over was entered on a later day: to the office."""
    history = assessment.history
    for entry, record in history.of(Dispensed):
        if handed_over_on(history, entry, record) < history.day_of(entry.at):
            occasion = f"late-hand-over:{entry.number}"
            yield from to_each([OFFICE], "late-hand-over", occasion, entry.at, entry.at + _WEEK)


def stop_unopened(assessment: Assessment) -> Iterator[Notice]:
    """A stop is open: again each day, for two weeks. Whether somebody looked at it meanwhile, the log does not say."""
    since = assessment.history.stops.since
    if since is None:
        return
    gone = (assessment.at - since) // DAY
    for count in (gone, gone + 1):
        if 1 <= count <= STOP_DAYS:
            due_at = since + count * DAY
            occasion = f"stop-unopened:{since:%Y%m%dT%H%M%S}:{count}"
            yield from to_each((PRESCRIBER, OFFICE), "stop-unopened", occasion, due_at, due_at + DAY, since=since)
