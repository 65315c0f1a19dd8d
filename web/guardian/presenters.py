"""The data of the guardian's page."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.urls import reverse

from compliance import documents
from compliance.rules import consents
from compliance.rules.assessment import Assessment
from compliance.rules.blockers import GUARDIAN
from compliance.rules.next_course import is_further_course
from compliance.rules.questions import open_question_of
from compliance.words.consents import signature_state_words
from patients.who_acts import who_acts
from ui.components import Action
from web.patient.card import contact_of
from web.patient.presenters import practice_of
from web.shared import planned
from web.shared.advice import Advice
from web.shared.common import PatientContext
from web.shared.manifestations import SignatureManifestation, manifestations_in
from web.shared.page_language import document_language


def ward(ctx: PatientContext) -> Mapping[str, Any]:
    """A minor, as the guardian sees them: the documents to sign, and the guardian's own signatures."""
    assessment, rows = ctx.assessment, []
    if assessment is not None and assessment.course is not None:
        manifestations = manifestations_in(ctx.file)
        rows = [_to_sign(ctx, assessment, code, manifestations) for code in assessment.course.category.documents]
    again = assessment is not None and is_further_course(assessment.history)
    acts = who_acts(ctx.patient.prescriber)
    first = next((row for row in rows if row["action"] is not None), None)
    return {
        "name": ctx.patient.given_name or ctx.patient.family_name,
        "documents": [row | {"action": _toned(row["action"], first=row is first)} for row in rows],
        "contact": contact_of(Advice(acts), practice_of(ctx)),
        "dates": planned.lines(ctx.patient.pk, assessment, GUARDIAN),
        "question": open_question_of(assessment.history, "guardian") if assessment is not None else None,
        "is_read": acts.anybody,
        "signs_again": again and any(row["action"] is not None for row in rows),
    }


def _toned(action: Action | None, *, first: bool) -> Action | None:
    """One primary action a page: the first text to sign, and the others after it."""
    return replace(action, tone="main") if first and action is not None else action


def _to_sign(
    ctx: PatientContext, assessment: Assessment, code: str, manifestations: Mapping[int, SignatureManifestation]
) -> dict[str, Any]:
    """One document on the guardian's page."""
    state = consents.signature_state(assessment.history, assessment.edition, code, "guardian")
    words = signature_state_words(state.state, "guardian")
    parts = {"patient": ctx.patient.pk, "document": code}
    url = reverse("guardian:sign", kwargs=parts)
    return {
        "title": documents.current(code, document_language(), on=assessment.day).for_guardian().title,
        "words": words,
        "manifestation": manifestations.get(state.signature.number) if state.signature else None,
        "action": Action(words.action, url, "pen-line") if state.missing else None,
        "withdraw_url": reverse("guardian:withdraw", kwargs=parts) if state.signature is not None else "",
    }
