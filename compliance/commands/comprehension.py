"""Comprehension questions of the month: five, the same ones until all are answered right."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from accounts.events import still_open
from accounts.roles import PATIENT
from compliance import documents
from compliance.documents import Question
from compliance.rules.assessment import Assessment
from compliance.rules.records import ComprehensionPassed
from compliance.rules.windows import patient_part_start
from ledger.actor import Actor
from ledger.idempotency import Refused, Request, Result, no_lock, once

from . import drafts
from .decide import NotPermitted
from .entries import EntryRefused, answer_of, enter, refusal_of

#: Beside the right answers of a draft: the question that was last answered wrong, and what was chosen.
_MISSED = ":missed"


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
        return self.shown(())

    @property
    def missed(self) -> tuple[Question, int] | None:
        """The question that was answered wrong just now, and the choice; None once it is answered right."""
        name, _colon, choice = str(self.answered.get(_MISSED, "")).rpartition(":")
        return next(((question, int(choice)) for question in self.questions if question.id == name), None)

    def shown(self, answers: Container[str]) -> list[Question]:
        """The questions still to answer, with those that are answered now once more: all that a form is about."""
        return [q for q in self.questions if q.id not in self.answered or q.id in answers]


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of some answers: those that were wrong, and how many questions are left after the right ones."""

    wrong: Sequence[Question]
    left: int


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


def answer(*, patient: UUID, round_: Round, choices: Mapping[str, int], by: Actor, at: datetime, key: UUID) -> Answered:
    """Keep what is right; what is wrong is to be explained. Once all are right it is recorded as passed.

    Raises EntryRefused, NotPermitted, KeyReused.
    """
    if by.role != PATIENT or not drafts.is_answered_by(patient, by):
        raise NotPermitted
    body = {"patient": str(patient), "round": round_.name, "choices": dict(choices)}
    request = Request(action="answer-questions", by=by, at=at, key=key, body=body)
    answer = once(request, no_lock, partial(_answer, patient, round_, choices, request), still=still_open(by))
    if answer["codes"]:
        raise refusal_of(answer)
    wrong = [question for question in round_.questions if question.id in answer["wrong"]]
    # An answer of before they were asked one at a time names what was wrong alone.
    return Answered(wrong, answer.get("left", len(wrong)))


def _answer(patient: UUID, round_: Round, choices: Mapping[str, int], request: Request, _locked: None) -> Result:
    words = [question for question in round_.questions if question.id in choices]
    right = {q.id: q.right for q in words if choices[q.id] == q.right}
    wrong = [q.id for q in words if q.id not in right]
    known = {q.id: q.right for q in round_.questions if q.id in round_.answered} | right
    if len(known) < len(round_.questions):
        kept = right | {_MISSED: f"{wrong[0]}:{choices[wrong[0]]}" if wrong else ""}
        drafts.keep(patient=patient, account=request.by.account, what=round_.name, answers=kept, at=request.at)
        left = len(round_.questions) - len(known)
        return Result(subject=patient, answer={"wrong": wrong, "left": left})
    record = ComprehensionPassed(
        questions={identifier: str(choice) for identifier, choice in known.items()},
        version=round_.version,
        language=round_.language,
    )
    try:
        numbers = enter(
            patient=patient,
            records=[record],
            by=request.by,
            at=request.at,
            key=uuid5(request.key, "passed"),
            action="pass-questions",
            then=partial(drafts.forget_after, patient, request.by.account, round_.name),
        )
    except EntryRefused as refused:
        raise Refused(*refused.codes, answer=answer_of(refused.refusals), subject=patient) from None
    return Result(subject=patient, records=numbers, answer={"wrong": wrong, "left": 0})
