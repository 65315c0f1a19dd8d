"""The data of the prescriber's pages, derived from the assessment: wording and components, no rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.roles import PRESCRIBER
from compliance.commands.consents import declined
from compliance.commands.covering import last_offer
from compliance.commands.held_enrolments import is_certified
from compliance.records.file import read_file
from compliance.records.programs import program_of
from compliance.rules import consents
from compliance.rules.assessment import Assessment
from compliance.rules.booking import booked_on
from compliance.rules.care.notes import ProblemReported, ReportMistaken
from compliance.rules.entries import voidable
from compliance.rules.followup import safe_from
from compliance.rules.problems import open_problem
from compliance.rules.questions import open_questions
from compliance.rules.stages import stage as stage_of
from compliance.words.choices import PROBLEM
from compliance.words.numbers import numbers_of
from compliance.words.stages import StageWords, stage_words
from ledger import log
from patients.models import DECLINED, Guardian, Patient, Prescriber
from patients.who_acts import who_acts
from ui import times
from ui.components import Action, OpenTask
from ui.navigation import Words
from web.shared import reports, timeline
from web.shared.advice import Advice
from web.shared.certification import certification_of, signatures_of, why_turned_down
from web.shared.common import PatientContext, is_tested
from web.shared.guardians import standing_guardians
from web.shared.manifestations import manifestations_in
from web.shared.open_tasks import open_tasks_of
from web.shared.sent import sent_lines, unreachable_tasks
from web.shared.told import told

from .consent_lines import consent_lines
from .contact_lines import contact_lines
from .correction_links import CorrectionLinks
from .entry_types import ENTRY_TYPES
from .invitation_presenter import invitation_lines, name_guardian_url
from .known import elsewhere_line
from .laboratory_schedule import schedule_words
from .questions import questions_panel
from .record_lines import record_months
from .worklist_lines import TONES

#: Which entry puts which step right; of a patient of whom no tests are asked, the visit alone.
_STEP_PAGES = {
    "enter-test": "month",
    "counsel": "month",
    "declare-methods": "month",
    "clear-stop": "clear-stop",
    "enrol": "course",
}

_WITHOUT_TESTS = {"enter-test": "visit", "counsel": "visit"}


@dataclass(frozen=True, slots=True)
class OwnPatient:
    """A patient of the practice who may be the one who is enrolled; and where another course begins."""

    patient: Patient
    #: Empty while a course, or a stop, is open.
    course_url: str


def own_patients(rows: QuerySet[Patient], at: datetime) -> list[OwnPatient]:
    """These patients, whom the reader can see."""
    lines = []
    for row in rows.order_by("pk"):
        history = read_file(row.pk, at).history(at)
        begins = history.course is None and not history.stops.open
        lines.append(OwnPatient(row, entry_url(row, "course") if begins else ""))
    return lines


def short_name(patient: Patient) -> str:
    """The name, as the way back to the patient's page is labelled."""
    return patient.name


def url_of(patient: Patient) -> str:
    """The patient's page."""
    return reverse("prescriber:patient", kwargs={"patient": patient.pk})


def entry_url(patient: Patient, slug: str) -> str:
    """The page of one kind of entry."""
    return reverse("prescriber:entry", kwargs={"patient": patient.pk, "slug": slug})


def patient_page(ctx: PatientContext, query: str = "") -> dict[str, Any]:
    """Everything on a patient's page. `query` says from which list the reader came, and goes along with the forms."""
    prefetch_related_objects([ctx.patient], Prefetch("guardians", Guardian.objects.select_related("user")))
    patient, assessment = ctx.patient, ctx.assessment
    slugs = _slugs(ctx, assessment)
    is_minor = consents.is_minor(ctx.file.history(ctx.at))
    links = CorrectionLinks.of(ctx, voidable(ctx.file.entries), slugs, is_minor=is_minor)
    guardian_url = name_guardian_url(ctx)
    steps = _steps(ctx, query, guardian_url)
    guardians = standing_guardians(ctx)
    stage, invited = _stage(assessment) if assessment else None, invitation_lines(ctx)
    signatures = consent_lines(ctx, assessment)
    return {
        "patient": patient,
        "assessment": assessment,
        "stage": stage,
        "tone": TONES.get(stage_of(assessment), "quiet") if assessment else "quiet",
        "tasks": _tasks(ctx, assessment, steps, has_guardian=bool(guardians)) if assessment else [],
        "facts": _facts(ctx, assessment) if assessment else [],
        "contacts": contact_lines(ctx),
        "owed": _owed(assessment) if assessment else [],
        "picture": timeline.picture(ctx.file, assessment) if assessment else None,
        **_entry_groups(patient, slugs, query),
        "urgent": [_entry_action(patient, slug, query) for slug in slugs if slug in _URGENT],
        "months": record_months(ctx, links, manifestations_in(ctx.file)),
        "consents": signatures,
        "consents_open": any(line.words.tone not in ("yes", "quiet") for line in signatures),
        "told": told(ctx),
        "sent": sent_lines(ctx),
        "unreachable": unreachable_tasks(ctx, guardians),
        "mistaken": assessment is not None and _said_mistaken(assessment),
        **report_panel(ctx, query),
        "problem": _problem(assessment) if assessment is not None else None,
        "declined": assessment is not None and declined(assessment.history, patient=patient),
        "invited": invited,
        "letter_missing": any(line.is_uninvited for line in invited),
        "guardian_url": guardian_url,
        "offer": _open_offer(ctx),
        "elsewhere": elsewhere_line(ctx),
        **questions_panel(ctx),
    }


def _steps(ctx: PatientContext, query: str, guardian_url: str) -> dict[str, Action]:
    """The page of each step that this reader may take."""
    patient = ctx.patient
    steps = {
        step: Action(ENTRY_TYPES[slug].title, entry_url(patient, slug) + query, ENTRY_TYPES[slug].icon, "main")
        for step, slug in (_STEP_PAGES if is_tested(ctx) else _STEP_PAGES | _WITHOUT_TESTS).items()
        if ctx.reader.role in ENTRY_TYPES[slug].roles
    }
    # First what is to be done; the end of a stop is the last step of it.
    stopped = reverse("prescriber:stopped", kwargs={"patient": patient.pk})
    steps["clear-stop"] = Action(_("See what to do now"), stopped, "list-checks", "main")
    if guardian_url:
        steps["name-guardian"] = Action(_("Name a guardian"), guardian_url, "user-round-plus", "main")
    return steps


#: Entered in each month; and what must be found in a hurry. All else is entered now and then.
_EACH_MONTH, _URGENT = ("month", "prescription", "laboratory", "test", "booking", "visit", "methods"), ("pregnancy",)


def _entry_action(patient: Patient, slug: str, query: str) -> Action:
    return Action(ENTRY_TYPES[slug].title, entry_url(patient, slug) + query, ENTRY_TYPES[slug].icon)


def _entry_groups(patient: Patient, slugs: Sequence[str], query: str) -> dict[str, list[Action]]:
    """What can be entered, by how often it is; without what is urgent, which stands at the top of the page."""
    others = [slug for slug in slugs if slug not in (*_EACH_MONTH, *_URGENT)]
    monthly = [slug for slug in slugs if slug in _EACH_MONTH]
    # Where nothing is entered each month, what there is to enter is in sight.
    groups = {"each_month": monthly or others, "now_and_then": others if monthly else []}
    return {name: [_entry_action(patient, slug, query) for slug in group] for name, group in groups.items()}


def _tasks(
    ctx: PatientContext, assessment: Assessment, steps: Mapping[str, Action], *, has_guardian: bool
) -> list[OpenTask]:
    tasks = open_tasks_of(assessment, ctx.reader.role, steps, _advice(ctx), has_guardian=has_guardian)
    return each_action_once(tasks)


def each_action_once(tasks: Iterable[OpenTask]) -> list[OpenTask]:
    """A page that several tasks lead to is offered by the first; of several pages the first alone is the main one."""
    offered: set[str] = set()
    result = []
    for task in tasks:
        action = task.action
        if action is not None and action.url in offered:
            action = None
        elif action is not None:
            offered.add(action.url)
            action = action if len(offered) == 1 else replace(action, tone="quiet")
        result.append(replace(task, action=action))
    return result


def _advice(ctx: PatientContext) -> Advice:
    """Who can act; who covers reads what the prescriber would."""
    return Advice(who_acts(ctx.patient.prescriber))


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """To whom the patient is offered, by whom (`prescriber`, `officer` or `patient`), and whether they can accept."""

    to: Prescriber
    by: str
    may: bool


def _open_offer(ctx: PatientContext) -> OpenOffer | None:
    """The offer that waits for an answer. Queries where there is one."""
    history = ctx.file.history(ctx.at)
    if history.offered_to is None:
        return None
    to, by = Prescriber.objects.select_related("user").get(pk=history.offered_to), last_offer(history)
    return OpenOffer(to, by.role if by is not None else PRESCRIBER, is_certified(to.pk, ctx.program, ctx.at))


def _problem(assessment: Assessment) -> tuple[Words, datetime] | None:
    """What the patient reported, and when, while nothing was entered since that deals with it."""
    entry = open_problem(assessment.history)
    if entry is None:
        return None
    assert isinstance(entry.record, ProblemReported)
    return PROBLEM[entry.record.what], entry.at


def report_panel(ctx: PatientContext, query: str = "") -> dict[str, Any]:
    """What the patient reported and nobody has answered yet, and where it is answered."""
    found = reports.waiting(ctx)
    answer_url = entry_url(ctx.patient, "answer") + query
    return {
        "reports": found, "answer_url": answer_url, "patient_phone": ctx.patient.phone,
        "reports_told": reports.told_of_reports(ctx, found),
    }  # fmt: skip


def _said_mistaken(assessment: Assessment) -> bool:
    """Whether the patient says of the stop that is open that it was pressed by mistake."""
    since = assessment.history.stops.since
    return since is not None and any(entry.at >= since for entry, _record in assessment.history.of(ReportMistaken))


def _stage(assessment: Assessment) -> StageWords:
    return stage_words(stage_of(assessment), numbers_of(assessment.history.program, assessment.edition))


def _facts(ctx: PatientContext, assessment: Assessment) -> list[tuple[Words, Any]]:
    from compliance.words.choices import CATEGORY

    facts: list[tuple[Words, Any]] = []
    if assessment.course:
        facts.append((_("Category"), CATEGORY[assessment.course.category.code]))
    if assessment.testing and assessment.testing.lead_in_over_on and assessment.testing.dispensed is None:
        over_on = assessment.testing.lead_in_over_on
        facts.append((_("Lead-in ends"), _near(over_on, times.first_day(over_on))))
    if assessment.latest_window:
        facts.append((_("Window opened"), assessment.latest_window.first))
        last = assessment.latest_window.last
        facts.append((_("Window closes at the end of"), _near(last, times.last_day(last))))
    if (booked := booked_on(assessment.history)) is not None:
        facts.append((_("Test booked for"), booked))
    if assessment.authorization:
        last = assessment.authorization.record.dispense_by
        facts.append((_("Authorized; do not dispense after"), _near(last, times.last_day(last))))
    if (safe := safe_from(assessment.history, assessment.edition)) is not None:
        label = _("Contraception, and no blood donation, until") if is_tested(ctx) else _("No blood donation until")
        facts.append((label, _near(safe, times.last_day(safe))))
    facts.append((_("Rules"), _("Edition %(code)s") % {"code": assessment.edition.code}))
    return facts


def _owed(assessment: Assessment) -> list[tuple[Words, date]]:
    names = {
        "end-of-treatment-test": _("Test at the end of treatment, due"),
        "month-after-test": _("Test a month after, due"),
    }
    return [(names[test.code], test.due_on) for test in assessment.owed]


def _near(on: date, shown: str) -> str:
    """A day in words, with how far it is from today where that helps."""
    away = times.from_today(on)
    return f"{away}, {shown}" if away else shown


def _slugs(ctx: PatientContext, assessment: Assessment | None) -> list[str]:
    """The entries that make sense now, for this reader."""
    if assessment is None:
        return []
    slugs = _with_course(assessment) if assessment.course else _without_course(assessment)
    return [slug for slug in slugs if ctx.reader.role in ENTRY_TYPES[slug].roles]


#: What surrounds the fill and is entered now and then.
_CARE = ("health", "laboratory-plan")


def _with_course(assessment: Assessment) -> list[str]:
    stop = ["clear-stop"] if assessment.history.stops.open else []
    earlier = ["last-dose"] if assessment.history.ended else []
    offer = [*(["question"] if open_questions(assessment.history) else []), *_offer(assessment)]
    if assessment.course and assessment.course.category.tests:
        monthly = ["month", "prescription", "laboratory", "test", "booking", "visit", "methods"]
        others = ["home-testing", "category", "birth-date", "contact", "pregnancy"]
        return [*monthly, *_CARE, *others, *earlier, *offer, "discontinue", *stop]
    # Who cannot become pregnant is asked about neither tests nor pregnancy; first the category would be put right.
    others = ["category", "birth-date", "contact"]
    return ["prescription", "laboratory", "visit", *_CARE, *others, *earlier, *offer, "discontinue", *stop]


def _offer(assessment: Assessment) -> list[str]:
    """An offer is made where there is none, and taken back where the practice made it."""
    history = assessment.history
    if history.offered_to is None:
        return ["hand-over"]
    by = last_offer(history)
    return ["take-back"] if by is None or by.role == PRESCRIBER else []


def _without_course(assessment: Assessment) -> list[str]:
    ended = assessment.history.last_ended
    after = ["last-dose", "laboratory"] if ended is not None else []
    if ended is not None and ended.category.tests:
        after = ["test", "booking", "last-dose", "laboratory", "pregnancy"]
    after += ["birth-date", "contact", *_offer(assessment)]
    return [*after, "clear-stop"] if assessment.history.stops.open else ["course", *after]


def practice_page(prescriber: Prescriber, at: datetime) -> dict[str, Any]:
    """The practice, its certification, and what was signed for it."""
    rows = log.read(prescriber.pk)
    return {
        "prescriber": prescriber,
        "laboratory": schedule_words(rows, at),
        "certification": certification_of(rows, at, program_of(prescriber.program)),
        "signed": signatures_of(rows).get(prescriber.pk, []),
        "why_turned_down": why_turned_down(rows).get(prescriber.pk, "") if prescriber.state == DECLINED else "",
        "apply_again_url": reverse("prescriber:apply_again") if prescriber.state == DECLINED else "",
    }
