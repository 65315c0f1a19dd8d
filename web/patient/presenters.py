"""The data of the patient's pages."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from accounts.roles import PATIENT
from compliance.rules import consents, gate
from compliance.rules.assessment import Assessment
from compliance.rules.booking import booked_on
from compliance.rules.care.health_review import is_review_offered
from compliance.rules.care.kinds import OFFICE_ONLY
from compliance.rules.care.notes import ProblemReported, ReportMistaken
from compliance.rules.care.open_reports import is_mood_offered
from compliance.rules.editions import Program
from compliance.rules.history import reported_by_patient
from compliance.rules.next_course import is_further_course, signed_before
from compliance.rules.problems import open_problem
from compliance.rules.questions import open_question_of
from compliance.rules.records import Enrolled, Entry
from compliance.rules.windows import patient_part_start
from compliance.words.advice import ANY_DOCTOR, ASK_ANOTHER
from compliance.words.choices import DOCUMENT, PROBLEM, SIGNER
from compliance.words.consents import signature_state_words
from compliance.words.methods import METHOD_LABELS, NOT_ACCEPTED_REASONS
from compliance.words.records import describe
from compliance.words.urgent import EMERGENCY, PROBLEMS, SIGNS
from patients.who_acts import who_acts
from ui.components import Action
from ui.navigation import Words
from web.shared import planned, reports, timeline
from web.shared.advice import Advice
from web.shared.common import PatientContext, is_tested
from web.shared.guardians import standing_guardians
from web.shared.manifestations import SHOWN_WITH_OTHERS, SignatureManifestation
from web.shared.open_tasks import tasks_by_code
from web.shared.planner import PlannerPanel, planner_panel
from web.shared.told import told, told_of_problem
from web.shared.written import with_words, written_in

from . import correction_links
from .card import Contact, card_of, contact_of

#: A line of one's own record: the entry, its title and text, its signature, and where it is put right.
type OwnLine = tuple[Entry, Words, str, SignatureManifestation | None, tuple[Words, str] | None]


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
    assessment, advice = ctx.assessment, advice_of(ctx)
    contact = contact_of(advice, practice_of(ctx))
    if assessment is None:
        return {"card": card_of(None, {}, contact), "number": ctx.patient.number}
    has_guardian = bool(standing_guardians(ctx))
    tasks = tasks_by_code(assessment, "patient", _actions(assessment), advice, has_guardian=has_guardian)
    instead = "" if advice.acts.prescriber else advice.of("", "patient") or ""
    problem = open_problem(assessment.history)
    return {
        "card": card_of(assessment, tasks, contact, problem=problem is not None, instead=instead),
        **_stopped(ctx, assessment, advice),
        **(_reported(ctx, problem) if problem is not None and not assessment.history.stops.open else {}),
        "unreachable": _unreachable(advice),
        "another": advice.another,
        "said_no": _said_no_later(assessment),
        "said_no_words": signature_state_words("said-no-later", "patient"),
        "number": ctx.patient.number,
        "new_course": _new_course(assessment),
        "booked_on": booked_on(assessment.history),
        "can_book": is_tested(ctx) and (assessment.course is not None or bool(assessment.owed)),
        "dates": planned.lines(ctx.patient.pk, assessment),
        "month": timeline.month(ctx.file, assessment),
        "question": open_question_of(assessment.history, "patient"),
        "is_read": advice.acts.anybody,
    }


def is_calm(ctx: PatientContext) -> bool:
    """Whether a course goes on in which nothing is asked of the patient now, and nothing has happened."""
    if ctx.assessment is None or ctx.assessment.course is None:
        return False
    history = ctx.assessment.history
    is_asked = any("patient" in blocker.who for blocker in ctx.assessment.blockers)
    return not (is_asked or history.stops.open or open_problem(history) is not None)


def feeling(ctx: PatientContext) -> dict[str, Any]:
    """What the patient reported of their health, and whether the questions about how they feel are offered."""
    history = ctx.file.history(ctx.at)
    return {
        "reports": reports.recent(ctx),
        "mood_offered": is_mood_offered(history),
        "review_offered": is_review_offered(history),
        "can_report": bool(history.of(Enrolled)),
    }


def practice_of(ctx: PatientContext) -> Contact:
    """The practice of that patient, as it is called."""
    prescriber = ctx.patient.prescriber
    return Contact(prescriber.practice_name, prescriber.user.name, prescriber.phone, hours=prescriber.hours)


def planner(ctx: PatientContext, asked: str) -> PlannerPanel | None:
    """When to take the next test. On hold there is one thing to say, and that is not it."""
    stopped = ctx.assessment is not None and ctx.assessment.history.stops.open
    return None if stopped else planner_panel(ctx, asked, reverse("patient:booking"))


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
        "emergency": EMERGENCY if reported_by_patient(history) else (),
        "said_mistake": any(entry.at >= since for entry, _record in history.of(ReportMistaken)),
    }


def _reported(ctx: PatientContext, problem: Entry) -> dict[str, Any]:
    """What the patient reported, and who knows of it."""
    assert isinstance(problem.record, ProblemReported)
    return {
        "problem": PROBLEM[problem.record.what],
        "problem_at": problem.at,
        "told": told_of_problem(ctx, problem.at),
        "emergency": EMERGENCY,
    }


def urgent(ctx: PatientContext) -> dict[str, Any]:
    """The page for when something is wrong: whom to call, and what this patient can report."""
    is_stopped = ctx.assessment is not None and ctx.assessment.history.stops.open
    problems = list(PROBLEMS.items()) if is_tested(ctx) and not is_stopped else []
    return {
        "reports": problems,
        "can_report": bool(ctx.file.history(ctx.at).of(Enrolled)),
        "is_tested": is_tested(ctx),
        "signs": SIGNS,
        **first_aid(ctx),
    }


def first_aid(ctx: PatientContext) -> dict[str, Any]:
    """What holds whatever happened: whom to call, and until when emergency contraception works."""
    advice = advice_of(ctx)
    return {"contact": contact_of(advice, practice_of(ctx)), "any_doctor": ANY_DOCTOR, "emergency": EMERGENCY}


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


def lines(ctx: PatientContext, manifestations: Mapping[int, SignatureManifestation]) -> list[OwnLine]:
    """The record, newest first, each with its signature: entry, title, text, manifestation, where it is put right.

    The text ends with what was typed in somebody's own words, where it is for the patient.
    """
    ways, written = correction_links.by_number(ctx), written_in(ctx.file.entries, PATIENT)
    found = []
    for entry in reversed(ctx.file.entries):
        if entry.record.kind not in SHOWN_WITH_OTHERS | OFFICE_ONLY:
            number, (title, text) = entry.number, describe(entry.record, clinical=False)
            text = with_words(text, written.get(number, ""))
            found.append((entry, title, text, manifestations.get(number), ways.get(number)))
    return found


def signed_once(page: list[OwnLine]) -> list[tuple[object, ...]]:
    """The lines of a page, each with whether its signature is shown there: once, below the last that it covers."""
    signatures = [line[3] for line in page]
    return [
        (*line, signature is not None and (below is None or below.number != signature.number))
        for line, signature, below in zip(page, signatures, [*signatures[1:], None], strict=False)
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
