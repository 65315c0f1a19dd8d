"""The patient's one card: the case of the day, what it says, until when, whom to call, and the steps."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.rules import days, followup
from compliance.rules.assessment import Assessment
from compliance.rules.due_tests import supply_ends_on, test_due_on
from compliance.rules.present import in_the_way
from compliance.rules.stages import stage
from compliance.words.card import CARDS
from compliance.words.numbers import fill_in, numbers_of
from ui import times
from ui.components import Action, OpenTask, StatusCard, Step
from web.shared.advice import Advice

from .steps import StepsOfPage, is_done, of_page, steps_of

#: The patient's own part of a month, while all of it is still to do.
OWN_PART = frozenset({"comprehension-missing", "contraception-missing:patient"})


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a patient calls: the practice, or that of who covers."""

    practice: str
    name: str
    phone: str
    covers: bool = False
    #: When the telephone is answered; empty where the practice has not said so.
    hours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientCard:
    """The card with all that stands on it; `code` names its case."""

    code: str
    status: StatusCard
    steps: tuple[Step, ...] = ()
    contact: Contact | None = None
    #: The last day with medicine in hand, while there is some.
    supply_until: date | None = None

    @property
    def steps_of_page(self) -> StepsOfPage:
        """The steps, of which those far from the one to take now are opened by a press."""
        return of_page(self.steps)


@dataclass(frozen=True, slots=True)
class _Case:
    """A case, with the days that its sentences name and the day until which there is time."""

    code: str
    first: date | None = None
    until: date | None = None
    last_day: date | None = None


def contact_of(advice: Advice, practice: Contact | None) -> Contact | None:
    """Whom to call now: the prescriber, or the first who covers; None where nobody can help."""
    if advice.acts.prescriber:
        return practice
    first = next(iter(advice.acts.covering), None)
    return Contact(first.practice_name, first.user.name, first.phone, covers=True, hours=first.hours) if first else None


def card_of(
    assessment: Assessment | None, tasks: Mapping[str, OpenTask], contact: Contact | None, *, problem: bool = False,
    instead: str = "",
) -> PatientCard:  # fmt: skip
    """The card of this day. `tasks` are the open ones, by the code of their blocker.

    `problem`: the patient reported one, and nothing was entered since. `instead`: whom to call where it cannot be the
    prescriber.
    """
    if assessment is None:
        return PatientCard(code="no-edition", status=_status(None, _Case("no-edition"), None), contact=contact)
    case, first = _case(assessment, tasks, problem=problem), _first(tasks)
    if case is None and first is not None:
        return _card("task", assessment, tasks, contact, _of_task(assessment, first))
    case = case or _Case("done")
    status = _status(assessment, case, _action(case, contact))
    if instead and case.code in _CALLS | _WAITS:
        status = replace(status, text=instead)
    return _card(case.code, assessment, tasks, contact, status)


def _first(tasks: Mapping[str, OpenTask]) -> OpenTask | None:
    """The patient's own first task, or else the first of all."""
    every = list(tasks.values())
    return next(iter([*(task for task in every if task.yours), *every]), None)


def _card(
    code: str, assessment: Assessment, tasks: Mapping[str, OpenTask], contact: Contact | None, status: StatusCard
) -> PatientCard:
    return PatientCard(
        code=code, status=status, steps=steps_of(assessment, tasks), contact=contact,
        supply_until=_in_hand(assessment),
    )  # fmt: skip


def _in_hand(assessment: Assessment) -> date | None:
    """The last day of the supply in hand; None where there is none, or none is to be taken."""
    ends = supply_ends_on(assessment) if assessment.course and not assessment.history.stops.open else None
    return days.plus(ends, -1) if ends is not None and ends > assessment.day else None


def _case(assessment: Assessment, tasks: Mapping[str, OpenTask], *, problem: bool) -> _Case | None:
    """The case of the day, the gravest first; None where an open task says best what there is to do."""
    code, window = stage(assessment), assessment.window
    if code == "stopped":
        return _Case("stopped")
    if problem:
        return _Case("problem")
    if assessment.course is None:
        return _after_treatment(assessment)
    if code == "authorized":
        assert assessment.authorization is not None
        last = assessment.authorization.record.dispense_by
        return None if in_the_way(assessment) else _Case("authorized", last_day=last)
    if "window-expired" in assessment.codes:
        return _missed(assessment)
    if mine := {code for code, task in tasks.items() if task.yours}:
        return _Case("month", last_day=window.last if window else None) if mine == OWN_PART else None
    if code in ("invited", "consent"):
        return _Case("waiting-guardian")
    if code == "ready":
        in_hand = _in_hand(assessment)
        if window is None and in_hand is not None:
            return _Case("more", until=in_hand)
        return _Case("ready", last_day=assessment.dispense_by if window else None)
    if window is not None:
        return _Case("done", last_day=window.last)
    return _before_test(assessment) if assessment.testing is not None else _before_visit(assessment)


def _missed(assessment: Assessment) -> _Case:
    if assessment.testing is None:
        return _Case("missed-visit")
    due = test_due_on(assessment)
    return _Case("missed-wait", first=due) if due is not None and due > assessment.day else _Case("missed")


def _before_test(assessment: Assessment) -> _Case | None:
    """No window is open: the next test, or what comes before it."""
    testing, due, today = assessment.testing, test_due_on(assessment), assessment.day
    assert testing is not None
    if testing.dispensed is not None:
        return _before_monthly_test(assessment, due)
    if not is_done(assessment, "screening-test-missing"):
        return _Case("first-test")
    if due is None:
        return _Case("practice-begins") if testing.anchor is None else None
    return _Case("second-test-later", first=due) if due > today else _Case("second-test")


def _before_monthly_test(assessment: Assessment, due: date | None) -> _Case | None:
    ends = supply_ends_on(assessment)
    if due is None or ends is None:
        return None
    last, today = days.plus(ends, -1), assessment.day
    if last < today:
        return _Case("test-late", until=last)
    return _Case("test-later", first=due, until=last) if today < due else _Case("test", until=last, last_day=last)


def _before_visit(assessment: Assessment) -> _Case | None:
    if "counselling-missing" not in assessment.codes:
        return None
    in_hand = _in_hand(assessment)
    return _Case("visit-later", until=in_hand) if in_hand is not None else _Case("visit")


def _after_treatment(assessment: Assessment) -> _Case:
    """The tests that are owed, in order; then the days on which care is still taken."""
    safe = followup.safe_from(assessment.history, assessment.edition)
    today = assessment.day
    due = [test for test in assessment.owed if test.due_on <= today]
    month_later = any(test.code == "month-after-test" for test in due)
    if month_later or (due and safe is None):
        return _Case("owed-last")
    if due:
        return _Case("owed-end", last_day=days.plus(safe, -1) if safe else None)
    if assessment.owed:
        return _Case("owed-later", first=assessment.owed[0].due_on)
    ended = assessment.history.last_ended
    if safe is not None and today <= safe and ended is not None and ended.category.tests:
        return _Case("safe-later", until=safe)
    return _Case("closed")


def _status(assessment: Assessment | None, case: _Case, action: Action | None) -> StatusCard:
    words = CARDS[case.code]
    values = dict(numbers_of(assessment.history.program, assessment.edition)) if assessment is not None else {}
    # Translators: a day in a sentence, in the letters of Django's `date` filter.
    pattern = gettext("F j")
    if case.first is not None:
        values["from"] = (
            times.first_day(case.first, pattern) if case.until is None else times.plain_day(case.first, pattern)
        )
    if case.until is not None:
        values |= {"until": times.plain_day(case.until, pattern), "day": times.last_day(case.until, pattern)}
    return StatusCard(
        fill_in(words.headline, values), fill_in(words.text, values), words.tone, case.last_day,
        actions=(action,) if action is not None else (),
    )  # fmt: skip


#: The cases in which there is one thing to do: to call.
_CALLS = frozenset({
    "stopped", "problem", "missed", "missed-wait", "missed-visit", "second-test", "test", "test-late", "visit",
    "owed-end", "owed-last",
})  # fmt: skip

#: Those in which the prescriber is waited for.
_WAITS = frozenset({"first-test", "practice-begins", "done"})


def _action(case: _Case, contact: Contact | None) -> Action | None:
    """The one act of this case."""
    if case.code == "month":
        return Action(_("Begin"), reverse("patient:questions"), "arrow-right", "main")
    if case.code not in _CALLS or contact is None or not contact.phone:
        return None
    label = _("Call who stands in") if contact.covers else _("Call your practice")
    return Action(label, f"tel:{contact.phone}", "phone", "main")


def _of_task(assessment: Assessment, task: OpenTask) -> StatusCard:
    """What one open task says."""
    last_day = assessment.window.last if assessment.window is not None else None
    tone = "act" if task.yours else "wait"
    actions = (task.action,) if task.action else ()
    return StatusCard(task.sentence, task.remedy, tone, last_day if task.yours else None, actions=actions)
