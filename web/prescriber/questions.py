"""The questions that came with a no, as the practice reads them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from compliance import documents
from compliance.rules.care.questions import QuestionAsked
from compliance.rules.questions import open_questions, questions_asked
from compliance.rules.records import Entry
from compliance.words.choices import DOCUMENT, SIGNER
from ledger.erasable_text import read_texts
from ui.navigation import Words
from web.shared.common import PatientContext
from web.shared.page_language import document_language


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question: who asks, about what, in which words, and whether it is still to be answered."""

    signer: Words
    about: str
    text: str
    at: datetime
    is_open: bool


def questions_panel(ctx: PatientContext) -> dict[str, Any]:
    """The questions of this course, newest first, for `prescriber/_questions.html`. One query where there are any."""
    asked = questions_asked(ctx.assessment.history) if ctx.assessment is not None else []
    if ctx.assessment is None or not asked:
        return {}
    waiting = {entry.number for entry in open_questions(ctx.assessment.history)}
    texts = read_texts(_record(entry).question for entry in asked)
    lines = [_line(ctx, entry, texts, is_open=entry.number in waiting) for entry in reversed(asked)]
    url = reverse("prescriber:entry", kwargs={"patient": ctx.patient.pk, "slug": "question"})
    return {"questions": lines, "answered_url": url}


def _record(entry: Entry) -> QuestionAsked:
    assert isinstance(entry.record, QuestionAsked)
    return entry.record


def _line(ctx: PatientContext, entry: Entry, texts: dict[str, str], *, is_open: bool) -> QuestionLine:
    record = _record(entry)
    items = documents.current(record.document, document_language(), on=ctx.today).items
    heading = next((item.heading for item in items if item.id == record.item), "")
    about = str(DOCUMENT[record.document])
    return QuestionLine(
        SIGNER[record.signer], f"{about}: {heading}" if heading else about,
        texts.get(record.question, _("It was erased.")), entry.at, is_open,
    )  # fmt: skip
