"""Where each signature stands that a course asks for, as lines of the patient's page."""

from dataclasses import dataclass
from datetime import datetime

from compliance.rules import consents
from compliance.rules.assessment import Assessment
from compliance.words.choices import DOCUMENT, SIGNER
from compliance.words.consents import SignatureStateWords, signature_state_words
from ui.navigation import Words
from web.shared.common import PatientContext


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One document and one signer, and where they stand."""

    title: Words
    signer: Words
    words: SignatureStateWords
    at: datetime | None


def consent_lines(ctx: PatientContext, assessment: Assessment | None) -> list[ConsentLine]:
    """Where each signature stands that this course asks for."""
    if assessment is None or assessment.course is None:
        return []
    signers = ["patient"]
    if consents.is_minor(assessment.history) or bool(ctx.patient.guardians.all()):
        signers.append("guardian")
    lines = []
    for code in assessment.course.category.documents:
        for signer in signers:
            stand = consents.signature_state(assessment.history, assessment.edition, code, signer)
            words, entry = signature_state_words(stand.state, "prescriber"), stand.entry
            lines.append(ConsentLine(DOCUMENT[code], SIGNER[signer], words, entry.at if entry else None))
    return lines
