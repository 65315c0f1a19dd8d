"""The data of the patient's pages."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from compliance.rules import consents, followup, gate
from compliance.rules.assessment import Assessment
from compliance.rules.blockers import PATIENT
from compliance.rules.booking import booked_on
from compliance.rules.editions import Program
from compliance.rules.history import reported_by_patient
from compliance.rules.next_course import is_further_course, signed_before
from compliance.rules.present import in_the_way
from compliance.rules.records import ReportMistaken
from compliance.rules.stages import stage, steps
from compliance.rules.windows import patient_part_start
from compliance.words.advice import ANY_DOCTOR, ASK_ANOTHER
from compliance.words.choices import DOCUMENT, SIGNER
from compliance.words.consents import signature_state_words
from compliance.words.methods import METHOD_LABELS, NOT_ACCEPTED_REASONS
from compliance.words.numbers import numbers_of
from compliance.words.records import describe
from compliance.words.stages import stage_words
from patients.who_acts import who_acts
from ui.components import Action, OpenTask, StatusCard, Step
from ui.navigation import Words
from web.shared import planned
from web.shared.advice import Advice
from web.shared.common import PatientContext, is_tested
from web.shared.guardians import standing_guardians
from web.shared.manifestations import SHOWN_WITH_OTHERS, SignatureManifestation
from web.shared.open_tasks import open_tasks_of
from web.shared.planner import PlannerPanel, planner_panel
from web.shared.told import told

from . import correction_links

_TONES = {
    "ready": "yes", "authorized": "yes", "between-fills": "quiet", "closed": "quiet", "stopped": "no",
    "followed-up": "info", "lead-in": "wait",
}  # fmt: skip


def _actions(assessment: Assessment) -> dict[str, Action]:
    """What the patient can press, by the step it puts right."""
    steps = {
        "declare-methods": Action(_("Choose my methods"), reverse("patient:methods"), "shield-check", "main"),
        "answer-questions": Action(
            _("Answer five questions"), reverse("patient:questions"), "circle-question-mark", "main"
        ),
    }
    if assessment.course:
        for code in assessment.course.category.documents:
            words = signature_state_words(
                consents.signature_state(assessment.history, assessment.edition, code, "patient").state, "patient"
            )
            url = reverse("patient:sign", kwargs={"document": code})
            steps[f"sign:{code}"] = Action(words.action, url, "pen-line", "main")
    return steps


def home(ctx: PatientContext) -> dict[str, Any]:
    """The patient's first page."""
    assessment = ctx.assessment
    if assessment is None:
        return {"status": StatusCard(_("Nothing to do yet"), tone="wait"), "tasks": [], "steps": []}
    advice = advice_of(ctx)
    has_guardian = bool(standing_guardians(ctx))
    tasks = open_tasks_of(assessment, "patient", _actions(assessment), advice, has_guardian=has_guardian)
    mine = [task for task in tasks if task.yours]
    return {
        "status": _status_card(assessment, mine, advice),
        # On hold there is one thing to say, and the card above says it.
        "steps": [] if stage(assessment) == "stopped" else [_step(task, mine) for task in tasks],
        **_stopped(ctx, assessment, advice),
        "unreachable": _unreachable(advice),
        "another": advice.another,
        "prescriber": ctx.patient.prescriber,
        "said_no": _said_no_later(assessment),
        "said_no_words": signature_state_words("said-no-later", "patient"),
        "owed": [(test.code, test.due_on) for test in assessment.owed],
        "safe_from": followup.safe_from(assessment.history, assessment.edition),
        "can_report": "report-pregnancy" in steps(assessment)[PATIENT],
        "number": ctx.patient.number,
        "new_course": _new_course(assessment),
        "booked_on": booked_on(assessment.history),
        "can_book": is_tested(ctx) and (assessment.course is not None or bool(assessment.owed)),
        "dates": planned.lines(ctx.patient.pk, assessment),
    }


def planner(ctx: PatientContext, asked: str) -> PlannerPanel | None:
    """When to take the next test. On hold there is one thing to say, and that is not it."""
    stopped = ctx.assessment is not None and ctx.assessment.history.stops.open
    return None if stopped else planner_panel(ctx, asked)


def advice_of(ctx: PatientContext) -> Advice:
    """Who can act for this patient, and where another prescriber is asked for."""
    another = Action(_("Ask for another prescriber"), reverse("patient:prescriber"), "stethoscope")
    return Advice(who_acts(ctx.patient.prescriber), another)


def _new_course(assessment: Assessment) -> dict[str, Any] | None:
    """What is new in a further course and what was kept, while something is to be signed; None otherwise."""
    history = assessment.history
    if not is_further_course(history) or not consents.missing(history, assessment.edition):
        return None
    assert history.course is not None
    before = signed_before(history)
    anew = [DOCUMENT[code] for code in history.course.category.documents if code in before]
    return {"began_on": history.enrolled_on, "anew": anew, "tests": history.course.category.tests}


def _stopped(ctx: PatientContext, assessment: Assessment, advice: Advice) -> dict[str, Any]:
    """What there is to do now, and who knows, while treatment is stopped."""
    history = assessment.history
    since = history.stops.since
    if since is None:
        return {"stopped": False}
    return {
        "stopped": True,
        "phone": _phone(ctx, advice),
        "any_doctor": "" if advice.acts.anybody else ANY_DOCTOR,
        "told": told(ctx),
        "can_say_mistake": reported_by_patient(history),
        "said_mistake": any(entry.at >= since for entry, _record in history.of(ReportMistaken)),
    }


def stopping_lead(ctx: PatientContext) -> str:
    """Whom to call who may be pregnant: somebody who can act."""
    advice, alone = advice_of(ctx), translated("You are not in trouble, and you are not alone with this.")
    if advice.acts.prescriber:
        first = translated(
            "Stop taking the medicine now and call your prescriber. Press the button and your prescriber sees it at "
            "once."
        )
        return f"{first} {alone}"
    whom = advice.of("", "patient") if advice.acts.covering else ANY_DOCTOR
    return f"{translated('Stop taking the medicine now.')} {whom} {alone}"


def _unreachable(advice: Advice) -> Words:
    """What to do while the prescriber cannot act; empty while they can."""
    if advice.acts.prescriber:
        return ""
    return (advice.of("", "patient") if advice.acts.covering else None) or ASK_ANOTHER


def _phone(ctx: PatientContext, advice: Advice) -> str:
    """The number to call: the prescriber's, or that of who covers."""
    acts = advice.acts
    if acts.prescriber:
        return ctx.patient.prescriber.phone
    return acts.covering[0].phone if acts.covering else ""


def _said_no_later(assessment: Assessment) -> list[tuple[Words, str]]:
    """The documents that are signed although a no was said since: name, and where the signature is taken back."""
    if assessment.course is None:
        return []
    codes = assessment.course.category.documents
    states = [
        (code, consents.signature_state(assessment.history, assessment.edition, code, "patient")) for code in codes
    ]
    return [
        (DOCUMENT[code], reverse("patient:withdraw", kwargs={"document": code}))
        for code, state in states
        if state.state == "said-no-later"
    ]


#: The stages that send a patient to the prescriber.
_CALLS = frozenset({"second-test", "window-missed", "stopped"})


def _status_card(assessment: Assessment, mine: list[OpenTask], advice: Advice) -> StatusCard:
    code = stage(assessment)
    words = stage_words(code, "patient", numbers_of(assessment.history.program, assessment.edition))
    last_day = assessment.window.last if assessment.window and (mine or code in ("ready", "authorized")) else None
    if mine and code != "stopped":
        first = mine[0]
        actions = (first.action,) if first.action else ()
        return StatusCard(first.sentence, first.remedy, "act", last_day, actions=actions)
    if code == "authorized" and in_the_way(assessment):
        # Nobody is sent to the counter for what may not be dispensed on now.
        first = open_tasks_of(assessment, "patient", advice=advice)[0]
        return StatusCard(first.sentence, first.remedy, "wait")
    sentence = (advice.of("", "patient") if code in _CALLS else None) or words.sentence
    return StatusCard(words.label, sentence, _TONES.get(code, "wait"), last_day)


def _step(task: OpenTask, mine: list[OpenTask]) -> Step:
    if task.yours:
        state = "now" if task is mine[0] else "later"
    else:
        state = "waiting"
    return Step(task.sentence, state, task.remedy, task.action)


def signed(ctx: PatientContext, manifestations: Mapping[int, SignatureManifestation]) -> list[dict[str, Any]]:
    """The documents on which a signature stands in this course, each with its signatures."""
    assessment = ctx.assessment
    if assessment is None:
        return []
    rows = ((code, _signatures(assessment, code, manifestations)) for code in DOCUMENT)
    return [{"title": DOCUMENT[code], "code": code, "signatures": listed} for code, listed in rows if listed]


def _signatures(
    assessment: Assessment, code: str, manifestations: Mapping[int, SignatureManifestation]
) -> list[dict[str, Any]]:
    """Each signature that stands on a document: whose, how it stands, and as it is shown."""
    rows = []
    # A guardian's is told of, and not to, the patient.
    for signer, role in (("patient", "patient"), ("guardian", "prescriber")):
        state = consents.signature_state(assessment.history, assessment.edition, code, signer)
        if state.signature is not None:
            manifestation = manifestations.get(state.signature.number)
            rows.append(
                {
                    "by": SIGNER[signer],
                    "words": signature_state_words(state.state, role),
                    "manifestation": manifestation,
                }
            )
    return rows


def lines(
    ctx: PatientContext, manifestations: Mapping[int, SignatureManifestation]
) -> list[tuple[Any, Words, str, SignatureManifestation | None, tuple[Words, str] | None]]:
    """The record, newest first, each with its signature: entry, title, text, manifestation, where it is put right."""
    ways = correction_links.by_number(ctx)
    return [
        (entry, *describe(entry.record, clinical=False), manifestations.get(entry.number), ways.get(entry.number))
        for entry in reversed(ctx.file.entries)
        if entry.record.kind not in SHOWN_WITH_OTHERS
    ]


def not_accepted(program: Program) -> list[tuple[Words, Words]]:
    """The methods that people look for and that are not accepted, each with its reason."""
    return [(METHOD_LABELS[code], NOT_ACCEPTED_REASONS[code]) for code in program.methods_not_accepted]


def declared(ctx: PatientContext) -> list[Words]:
    """The methods that the patient has named for this month already; empty while they have named none."""
    assessment = ctx.assessment
    since = patient_part_start(assessment.history, assessment.testing) if assessment and assessment.testing else None
    if assessment is None or since is None:
        return []
    codes = gate.declared(assessment.history, "patient", since) or ()
    return [METHOD_LABELS[code] for code in ctx.program.methods if code in codes]
