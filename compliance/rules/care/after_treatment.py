"""What goes on when a course has ended, and until which day. It advises; the tests that are owed are `followup`'s."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from ..assessment import Assessment
from ..followup import due_after, safe_from
from ..sources import Source

#: Skin that is waxed, peeled or smoothed by laser may scar for so long after the last dose.
SKIN_MONTHS = 6
SKIN_SOURCE = Source.LABEL


@dataclass(frozen=True, slots=True)
class FollowUpTest:
    """A test after treatment: the day from which it can be taken, and whether it was."""

    code: str
    due_on: date
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterTreatment:
    """The days that follow from a last dose. What ends on a day goes on through that day."""

    last_dose_on: date
    #: Empty for who owes none.
    tests: tuple[FollowUpTest, ...]
    #: None for who was not asked for any.
    contraception_until: date | None
    no_blood_until: date
    no_waxing_until: date

    @property
    def last_day(self) -> date:
        """The last day on which any of it goes on."""
        return max(self.no_blood_until, self.no_waxing_until)


def months_after(on: date, months: int) -> date:
    """The same day of the month so many months later; where that month has none, the first of the next one."""
    years, month = divmod(on.month - 1 + months, 12)
    year, month = on.year + years, month + 1
    length = monthrange(year, month)[1]
    if on.day <= length:
        return date(year, month, on.day)
    return date(year, month, length) + timedelta(days=1)


def after_treatment(assessment: Assessment) -> AfterTreatment | None:
    """What follows from the last dose of the latest course; None while one is open, or where no dose was taken."""
    history, edition = assessment.history, assessment.edition
    ended, safe = history.last_ended, safe_from(history, edition)
    if ended is None or ended.last_dose_on is None or safe is None:
        return None
    owed = {test.code for test in assessment.owed}
    due = due_after(ended.last_dose_on, edition) if ended.category.tests else ()
    return AfterTreatment(
        last_dose_on=ended.last_dose_on,
        tests=tuple(FollowUpTest(test.code, test.due_on, test.code not in owed) for test in due),
        contraception_until=safe if ended.category.tests else None,
        no_blood_until=safe,
        no_waxing_until=months_after(ended.last_dose_on, SKIN_MONTHS),
    )


def is_shown(after: AfterTreatment, assessment: Assessment) -> bool:
    """Whether there is still something to be kept in mind: a day to come, or a test that is owed."""
    return bool(assessment.owed) or assessment.day <= after.last_day
