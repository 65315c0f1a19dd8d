"""The dates ahead of a patient that follow from the file: what a calendar shows, with how often each one has moved.

The same dates that the page names and the notices are due by (`due_tests`, `due_supplies`, `windows`, `followup`).
Nothing is kept: a date that holds no more is not among them the next time they are worked out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from . import booking, days, followup
from .assessment import Assessment
from .blockers import GUARDIAN, PATIENT
from .change import next_change
from .due_tests import supply_ends_on, test_due_on
from .editions import NoEdition
from .notice import acting, is_stopped
from .records import Dispensed

#: What a date is of, in the order in which dates of one day are listed.
CODES = (
    "lead-in-over", "test-from", "test-booked", "window-first", "window-last", "pick-up", "supply-ends",
    "end-of-treatment-test", "month-after-test", "precautions-over", "sign-by", "of-age",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """A day of the program. `occasion` names what falls on it, and stays the same however often that is moved."""

    code: str
    occasion: str
    on: date


@dataclass(frozen=True, slots=True)
class Revised:
    """A date with the number of its revision, from 0 on, and the instant since which it stands as it does."""

    date: PlannedDate
    revision: int
    since: datetime


def planned(assessment: Assessment, side: str = PATIENT) -> list[PlannedDate]:
    """The dates that a patient, or a guardian, may know of, by day.

    While a stop is open: tests that are owed or booked, and the day from which somebody signs for themself.
    """
    found = _for_guardian(assessment) if side == GUARDIAN else _for_patient(assessment)
    return sorted(found, key=lambda one: (one.on, CODES.index(one.code)))


def _for_patient(assessment: Assessment) -> Iterator[PlannedDate]:
    if not is_stopped(assessment):
        yield from _of_course(assessment)
    yield from _after_treatment(assessment)
    yield from _booked(assessment)
    yield from _of_age(assessment)


def _for_guardian(assessment: Assessment) -> Iterator[PlannedDate]:
    """A guardian knows of nothing but signatures: until when theirs is waited for, and when their part is over.

    That day does not follow from a stop: one that went and came would tell of it.
    """
    yield from _of_age(assessment)
    window = assessment.window
    if window is not None and not is_stopped(assessment) and GUARDIAN in acting(assessment):
        yield PlannedDate("sign-by", f"sign-by:{_cycle(assessment)}", window.last)


def _of_course(assessment: Assessment) -> Iterator[PlannedDate]:
    """What lies ahead in the course that is open."""
    if assessment.course is None:
        return
    yield from _before_window(assessment)
    cycle, window, authorization = _cycle(assessment), assessment.window, assessment.authorization
    if window is not None:
        yield PlannedDate("window-first", f"window-first:{cycle}", window.first)
        if authorization is None:
            yield PlannedDate("window-last", f"window-last:{cycle}", window.last)
    if authorization is not None:
        record = authorization.record
        yield PlannedDate("pick-up", f"pick-up:{record.number}", record.dispense_by)
    if (ends := supply_ends_on(assessment)) is not None:
        yield PlannedDate("supply-ends", f"supply-ends:{cycle}", days.plus(ends, -1))


def _before_window(assessment: Assessment) -> Iterator[PlannedDate]:
    """The end of the lead-in, and the first day on which a test is worth taking; one of them where they are one day."""
    testing, due = assessment.testing, test_due_on(assessment)
    if testing is None:
        return
    cycle = _cycle(assessment)
    over = testing.lead_in_over_on if testing.dispensed is None and testing.last is None else None
    if over is not None:
        yield PlannedDate("lead-in-over", f"lead-in-over:{cycle}", over)
    if due is not None and due != over:
        yield PlannedDate("test-from", f"test-from:{cycle}", due)


def _after_treatment(assessment: Assessment) -> Iterator[PlannedDate]:
    """The tests that are owed, and the end of the month of contraception and without blood donations."""
    ended = assessment.history.last_ended
    if ended is None:
        return
    number = ended.ended.number
    for test in assessment.owed:
        yield PlannedDate(test.code, f"{test.code}:{number}", test.due_on)
    safe_from = followup.safe_from(assessment.history, assessment.edition)
    if safe_from is not None and not is_stopped(assessment):
        yield PlannedDate("precautions-over", f"precautions-over:{number}", safe_from)


def _booked(assessment: Assessment) -> Iterator[PlannedDate]:
    """The day for which a test is booked. One that is moved stays the same appointment."""
    history = assessment.history
    if (on := booking.booked_on(history)) is not None:
        yield PlannedDate("test-booked", f"test-booked:{booking.booking_number(history)}", on)


def _of_age(assessment: Assessment) -> Iterator[PlannedDate]:
    """The birthday on which the patient takes over what a guardian signs, of a course that was begun before it."""
    history, course = assessment.history, assessment.course
    if course is None or history.born_on is None:
        return
    adult_on = days.birthday(history.born_on, history.program.adult_age)
    if adult_on > history.day_of(course.opened.at):
        yield PlannedDate("of-age", "of-age", adult_on)


def _cycle(assessment: Assessment) -> str:
    """The month that is being worked on: since the latest hand-over, or since the course or its category began."""
    history, course = assessment.history, assessment.course
    assert course is not None
    dispensed = [entry for entry, _ in history.of(Dispensed, course.qualifying)]
    return str(dispensed[-1].number) if dispensed else f"{course.qualifying:%Y%m%dT%H%M%S%f}"


def revised(
    assess: Callable[[datetime], Assessment], instants: Iterable[datetime], at: datetime, *, side: str = PATIENT
) -> list[Revised]:
    """The dates at `at`, each with its revision. `instants` are those of the records that they follow from.

    The history is gone through once: at each record, and at each midnight between two at which an answer changes.
    """
    known: dict[str, Revised] = {}
    shown: dict[str, PlannedDate] = {}
    for assessment in _in_turn(assess, [*sorted({one for one in instants if one < at}), at]):
        dates = {one.occasion: one for one in planned(assessment, side)}
        for occasion, one in dates.items():
            if shown.get(occasion) != one:
                before = known.get(occasion)
                known[occasion] = Revised(one, before.revision + 1 if before else 0, assessment.at)
        shown = dates
    return [known[occasion] for occasion in shown]


def _in_turn(assess: Callable[[datetime], Assessment], instants: Sequence[datetime]) -> Iterator[Assessment]:
    """What was answered at each of these instants, and, between two, whenever the answer changed by itself."""
    for instant, until in pairwise([*instants, None]):
        moment = instant
        while moment is not None and (moment == instant or (until is not None and moment < until)):
            try:
                assessment = assess(moment)
            except NoEdition:
                break
            yield assessment
            moment = next_change(assessment)
