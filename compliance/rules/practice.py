"""From which day the practice itself can do something for a patient: what a worklist of today is made of.

Only what is of use then: a test that would open nothing yet, or comes long before the supply ends, is no task of today,
nor are the visit and the methods that go with it. Nothing is decided here.
"""

from collections.abc import Iterator
from datetime import date

from .assessment import Assessment
from .blockers import PRESCRIBER
from .booking import booked_on
from .care.open_reports import open_urgent
from .days import plus
from .due_tests import TEST_AHEAD_DAYS, supply_ends_on, test_due_on

#: The steps of the month, each with whether a designee may take it: nobody attests for a prescriber.
STEPS = {"enter-test": True, "counsel": True, "declare-methods": False, "clear-stop": False, "end-one-course": False}

#: The steps that go with the next test, and wait for it.
_WITH_TEST = ("enter-test", "counsel", "declare-methods")


def acts_from(assessment: Assessment, *, designee: bool = False) -> date | None:
    """The first day on which a prescriber (or a designee) has something to do that is of use; None where nothing is.

    A day that has come stays as it is: since then it waits.
    """
    return min(_days(assessment, designee=designee), default=None)


def _days(assessment: Assessment, *, designee: bool) -> Iterator[date]:
    yield from (assessment.history.day_of(entry.at) for entry in open_urgent(assessment.history))
    if assessment.history.stops.open:
        # While it is open nothing else is of use.
        steps = {"clear-stop"}
    else:
        steps = {blocker.rule.step for blocker in assessment.blockers if PRESCRIBER in blocker.who}
        yield from (_booked(assessment, owed.due_on) for owed in assessment.owed)
    for step, designees_too in STEPS.items():
        if step in steps and (designees_too or not designee):
            day = _with_test(assessment, step) if step in _WITH_TEST else assessment.day
            if day is not None:
                yield day


def _with_test(assessment: Assessment, step: str) -> date | None:
    """From when a part of the month is of use: at once where its test is there, or begins the lead-in."""
    testing, today = assessment.testing, assessment.day
    if testing is None:
        return _visit_alone(assessment)
    if assessment.window is not None:
        return today
    first = testing.dispensed is None and not testing.windows
    if first and (step != "enter-test" or testing.screening is None):
        return today
    due = test_due_on(assessment)
    return _booked(assessment, due) if due is not None else None


def _booked(assessment: Assessment, due: date) -> date:
    """The day on which a test is due, or a later one for which it is booked: until then nobody has to ask for it."""
    booked = booked_on(assessment.history)
    return due if booked is None else max(due, booked)


def _visit_alone(assessment: Assessment) -> date:
    """Where no tests are asked: the visit of the month, once the supply in hand nears its end."""
    ends = supply_ends_on(assessment)
    if ends is None or assessment.edition.cannot_counselling_days is None:
        return assessment.day
    return plus(ends, -TEST_AHEAD_DAYS)


def asked_now(assessment: Assessment) -> set[str]:
    """The steps of the month that stand open, of `enter-test`, `counsel` and `declare-methods`.

    Before the first fill a test that could open nothing yet is not asked; later an early one is the practice's choice.
    """
    steps = {blocker.rule.step for blocker in assessment.blockers if PRESCRIBER in blocker.who} & {*_WITH_TEST}
    testing = assessment.testing
    if testing is not None and testing.dispensed is None and testing.screening is not None:
        due = test_due_on(assessment)
        if due is None or due > assessment.day:
            steps.discard("enter-test")
    return steps
