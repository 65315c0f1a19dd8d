"""The steps of a patient's month, or of the way to the first one: those that are done stay, ticked off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from compliance.rules.assessment import Assessment
from compliance.rules.care.guide_of_fill import is_offered, opened_for_fill
from compliance.rules.records import Dispensed
from compliance.rules.stages import stage
from compliance.words.blockers import FOR_PATIENT
from compliance.words.card import DONE, GUIDE_OPENED, GUIDE_WHY, OPEN_GUIDE, PICK_UP
from compliance.words.numbers import Numbers, fill_in, numbers_of
from ui.components import Action, OpenTask, Step
from web.shared.page_language import document_language

#: What a step clears, by its first code: the codes of the blockers that stand while it is not done.
_SIGNED = (
    ("consent-missing:patient-information", "guardian-signature-missing:patient-information"),
    ("consent-missing:birth-defects", "guardian-signature-missing:birth-defects"),
)
_FIRST = (("screening-test-missing",), ("lead-in-not-complete",), ("confirmatory-test-missing",))
_MONTHLY = (("monthly-test-missing",),)
_VISIT = (("counselling-missing",),)
_METHODS = (
    ("contraception-missing:prescriber",), ("comprehension-missing",),
    ("contraception-missing:patient", "contraception-mismatch"),
)  # fmt: skip

#: What the card says itself, or what is no step.
_NOT_LISTED = frozenset({"window-expired", "lockout", "authorization-open", "stop-open", "not-enrolled"})


def steps_of(assessment: Assessment, tasks: Mapping[str, OpenTask]) -> tuple[Step, ...]:
    """The steps in order, with those of others among them. `tasks` are the open ones, by the code of their blocker."""
    course = assessment.course
    if course is None or assessment.history.stops.open:
        return ()
    groups = list(_groups(assessment))
    listed = {code for group in groups for code in group}
    others = [task for code, task in tasks.items() if code not in listed | _NOT_LISTED]
    numbers = numbers_of(assessment.history.program, assessment.edition)
    steps = [_open(task) for task in others]
    steps += [step for group in groups for step in _of_group(assessment, group, tasks, numbers)]
    asked = tuple(_with_first(steps))
    is_ready = stage(assessment) in ("ready", "authorized")
    return (*asked, _guide(assessment, asked), Step(PICK_UP, "now" if is_ready else "later"))


#: So many steps after the one to take now are shown at once; fewer than `_WORTH_FOLDING` are not folded away.
_AHEAD, _WORTH_FOLDING = 2, 3


@dataclass(frozen=True, slots=True)
class StepsOfPage:
    """The steps as the first page has them: those near the one to take now, and the others to be opened by a press."""

    earlier: Sequence[Step]
    shown: Sequence[Step]
    later: Sequence[Step]


def of_page(steps: Sequence[Step]) -> StepsOfPage:
    """Of the steps that are done the last stays in sight, so that one sees it ticked off."""
    done = next((place for place, step in enumerate(steps) if step.state != "done"), len(steps))
    first = done - 1 if done >= _WORTH_FOLDING else 0
    current = max((place for place, step in enumerate(steps) if step.state == "now"), default=done)
    end = current + _AHEAD + 1
    if len(steps) - end < _WORTH_FOLDING:
        end = len(steps)
    return StepsOfPage(steps[:first], steps[first:end], steps[end:])


def _guide(assessment: Assessment, before: Sequence[Step]) -> Step:
    """The Medication Guide of this fill: one press opens it, whatever else is open. No gate asks for it."""
    if opened_for_fill(assessment.history) is not None:
        read = Action(OPEN_GUIDE, reverse("documents:guide", args=[document_language()]))
        return Step(GUIDE_OPENED, "done", action=read)
    if not is_offered(assessment):
        return Step(OPEN_GUIDE, "later")
    is_next = all(step.state != "now" for step in before)
    return Step(OPEN_GUIDE, "now" if is_next else "later", GUIDE_WHY, press=reverse("patient:open_guide"))


def _with_first(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, with the first of those that are the patient's own as the one to take now."""
    found = False
    for step in steps:
        is_first = step.state == "later" and not found
        found = found or is_first
        yield replace(step, state="now") if is_first else step


def _groups(assessment: Assessment) -> Iterator[Sequence[str]]:
    """The steps that this category and this month have."""
    assert assessment.course is not None
    documents = assessment.course.category.documents
    dispensed = assessment.history.in_course(Dispensed)
    if not dispensed or any(code.startswith(("consent-", "guardian-")) for code in assessment.codes):
        yield from (group for group in _SIGNED if group[0].partition(":")[2] in documents)
    if assessment.testing is None:
        yield from _VISIT
        return
    yield from _MONTHLY if assessment.testing.dispensed is not None else _first(assessment)
    yield from (*_VISIT, *_METHODS)


def _first(assessment: Assessment) -> Iterator[Sequence[str]]:
    """The tests before the first fill; the waiting time between them where the edition has one."""
    for group in _FIRST:
        if group[0] != "lead-in-not-complete" or assessment.edition.lead_in_days is not None:
            yield group


def _of_group(
    assessment: Assessment, group: Sequence[str], tasks: Mapping[str, OpenTask], numbers: Numbers
) -> Iterator[Step]:
    found = [tasks[code] for code in group if code in tasks]
    if found:
        yield from (_open(task) for task in found)
    elif is_done(assessment, group[0]):
        yield Step(fill_in(DONE[group[0]], numbers), "done")
    else:
        yield Step(fill_in(FOR_PATIENT[group[0]].sentence, numbers), "waiting")


def is_done(assessment: Assessment, code: str) -> bool:
    """Whether what that blocker asks for is there. Of the tests one blocker alone is named at a time."""
    testing = assessment.testing
    if testing is not None and code == "screening-test-missing":
        return testing.screening is not None
    if testing is not None and code == "lead-in-not-complete":
        return testing.lead_in_over_on is not None and assessment.day >= testing.lead_in_over_on
    if code in ("confirmatory-test-missing", "monthly-test-missing"):
        return assessment.window is not None
    if testing is None and code == "counselling-missing" and "window-expired" in assessment.codes:
        return False
    return code not in assessment.codes


def _open(task: OpenTask) -> Step:
    return Step(task.sentence, "later" if task.yours else "waiting", task.remedy, task.action)
