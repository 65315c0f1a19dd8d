"""The month's questions: five, the same ones until they are all answered right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance import documents
from compliance.documents import Question
from compliance.rules.assessment import Assessment
from compliance.rules.records import ComprehensionPassed
from compliance.rules.windows import patient_part_start
from ledger.actor import Actor

from . import drafts
from .entries import enter


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The questions of one cycle, and which of them are answered right already."""

    name: str
    version: int
    language: str
    questions: Sequence[Question]
    answered: Mapping[str, object]

    @property
    def left(self) -> list[Question]:
        """The questions still to answer."""
        return [question for question in self.questions if question.id not in self.answered]


def current(*, patient: UUID, account: UUID, assessment: Assessment, language: str = "en") -> Round:
    """This cycle's questions for this patient, who must have a course open and be able to become pregnant."""
    assert assessment.testing is not None
    start = patient_part_start(assessment.history, assessment.testing)
    assert start is not None
    name = f"questions:{start.isoformat()}"
    version = documents.version_on("questions", assessment.day)
    questions = documents.pick(f"{patient}:{name}", documents.questions(language, version=version))
    return Round(
        name=name,
        version=version,
        language=language,
        questions=questions,
        answered=drafts.read(patient=patient, account=account, what=name),
    )


def answer(
    *, patient: UUID, asked: Round, choices: Mapping[str, int], by: Actor, at: datetime, key: UUID
) -> list[Question]:
    """Keep what is right; the questions answered wrong, to be explained. All right: recorded as passed."""
    right = dict(asked.answered)
    wrong = []
    for question in asked.left:
        if question.id not in choices:
            continue
        if choices[question.id] == question.right:
            right[question.id] = question.right
        else:
            wrong.append(question)
    if len(right) < len(asked.questions):
        drafts.save(patient=patient, account=by.account, what=asked.name, answers=right, at=at)
        return wrong
    record = ComprehensionPassed(
        questions={identifier: str(choice) for identifier, choice in right.items()},
        version=asked.version,
        language=asked.language,
    )
    enter(
        patient=patient,
        records=[record],
        by=by,
        at=at,
        key=key,
        action="answer-questions",
        then=lambda _numbers: drafts.forget(patient=patient, account=by.account, about=asked.name),
    )
    return wrong
