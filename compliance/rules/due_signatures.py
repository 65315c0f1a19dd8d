"""Notices about signatures that are missing: the patient's own, and that of a guardian."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from . import days
from .assessment import Assessment
from .blockers import GUARDIAN, PATIENT, PRESCRIBER
from .consents import GUARDIAN_MISSING
from .notice import Notice, is_stopped, to_each
from .records import (
    CategoryChanged,
    ConsentRefused,
    ConsentSigned,
    ConsentWithdrawn,
    Enrolled,
    GuardianNamed,
    InvitationAccepted,
    Record,
)

#: Days after which a missing signature is asked for once more, and after which that is given up.
FIRST, SECOND, GIVEN_UP = (timedelta(days=count) for count in (2, 5, 14))


def consent_unfinished(assessment: Assessment) -> Iterator[Notice]:
    """The patient has something to sign: after two days to the patient, after five to the practice too."""
    if PATIENT in _asked(assessment):
        since = _since(assessment, PATIENT)
        yield from _twice(assessment, "consent-unfinished", since, (PATIENT,), (PATIENT, PRESCRIBER))


def guardian_waited_for(assessment: Assessment) -> Iterator[Notice]:
    """A guardian's signature is missing: after two days to guardian and patient, after five to the practice too."""
    if GUARDIAN in _asked(assessment):
        since = _since(assessment, GUARDIAN)
        second = (GUARDIAN, PATIENT, PRESCRIBER)
        yield from _twice(assessment, "guardian-waited-for", since, (GUARDIAN, PATIENT), second)


def _asked(assessment: Assessment) -> set[str]:
    """Whose signature is missing; nobody's while a stop is open."""
    begin = ("consent-missing:", GUARDIAN_MISSING)
    missing = [blocker for blocker in assessment.blockers if blocker.code.startswith(begin)]
    return set() if is_stopped(assessment) else {who for blocker in missing for who in blocker.who}


def _since(assessment: Assessment, signer: str) -> datetime:
    """Since when that signature is waited for: the last step towards it, or the day a text is to be signed again."""
    history, course = assessment.history, assessment.course
    assert course is not None
    recent = (entry for entry in history.entries if entry.at >= course.opened.at)
    steps = [entry.at for entry in recent if _begins(entry.record, signer)]
    again = [
        days.midnight(reissue.from_day, history.zone)
        for reissues in history.program.reissues.values()
        for reissue in reissues
        if reissue.from_day <= assessment.day
    ]
    return max([*steps, *again])


def _begins(record: Record, signer: str) -> bool:
    """Whether that signature is waited for anew from this record on. A guardian's is once the patient has signed."""
    if isinstance(record, InvitationAccepted):
        return (record.guardian is None) == (signer == PATIENT)
    if isinstance(record, ConsentRefused):
        return record.signer == signer
    if isinstance(record, (GuardianNamed, ConsentSigned)):
        return signer == GUARDIAN and getattr(record, "signer", PATIENT) == PATIENT
    return isinstance(record, (Enrolled, CategoryChanged, ConsentWithdrawn))


def _twice(
    assessment: Assessment, kind: str, since: datetime, first: tuple[str, ...], second: tuple[str, ...]
) -> Iterator[Notice]:
    on = assessment.history.day_of(since)
    yield from to_each(first, kind, f"{kind}-2:{on}", since + FIRST, since + SECOND)
    yield from to_each(second, kind, f"{kind}-5:{on}", since + SECOND, since + GIVEN_UP)
