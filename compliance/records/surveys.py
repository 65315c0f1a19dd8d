"""The yearly surveys: who is offered one, and how the readers of each kind have answered, in sums."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Sum

from accounts.models import SurveyOffer
from accounts.roles import DESIGNEE, PATIENT, PHARMACIST, PRESCRIBER
from compliance import documents
from compliance.documents import SURVEYS, Question
from compliance.models import SurveySum

_PATIENT, _PRESCRIBER, _PHARMACIST = SURVEYS

#: Which survey each role is offered.
SURVEY_OF: Mapping[str, str] = {
    PATIENT: _PATIENT, PRESCRIBER: _PRESCRIBER, DESIGNEE: _PRESCRIBER, PHARMACIST: _PHARMACIST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """From which day an account is offered a survey again, and the version that it took, where it took one."""

    version: int | None = None
    again_on: date = date.min

    def is_open(self, on: date) -> bool:
        """Whether it is offered on that day."""
        return self.again_on <= on

    def is_taken(self, on: date) -> bool:
        """Whether it was taken within the year."""
        return self.version is not None and not self.is_open(on)


def offer_of(account: UUID, survey: str) -> Offer:
    """What the account keeps of a survey."""
    row = SurveyOffer.objects.filter(user=account, survey=survey).values_list("version", "again_on").first()
    return Offer(*row) if row else Offer()


def questions_of(survey: str, language: str, *, version: int, tested: bool) -> list[Question]:
    """The questions of a survey; those of contraception for those alone of whom tests are asked."""
    every = documents.questions(language, version=version, bank=survey)
    return [question for question in every if tested or not question.only_for]


@dataclass(frozen=True, slots=True)
class Answers:
    """How a version of a survey was answered: by how many, and of each question how many answered it, and right."""

    survey: str
    version: int
    questions: Mapping[str, tuple[int, int]]

    @property
    def answered(self) -> int:
        """By how many: each answers all questions that are for everybody."""
        return max((answered for answered, _right in self.questions.values()), default=0)


def answers_of(first: date, last: date, *, floor: int) -> Sequence[Answers]:
    """How the surveys were answered in these months, each by its versions; the newest alone where nobody answered.

    A month in which fewer than `floor` answered a question is left out: else two periods, of which one has a month
    more, would tell what they answered.
    """
    rows = SurveySum.objects.filter(month__gte=first, month__lte=last, answered__gte=floor)
    sums = rows.values_list("survey", "version", "question").annotate(Sum("answered"), Sum("right"))
    found: dict[tuple[str, int], dict[str, tuple[int, int]]] = {}
    for survey, version, question, answered, right in sums.order_by("version"):
        found.setdefault((survey, version), {})[question] = (answered, right)
    for survey in SURVEYS:
        if not any(survey == name for name, _version in found):
            found[survey, documents.version_on(survey, last)] = {}
    return sorted(
        (Answers(*key, questions) for key, questions in found.items()),
        key=lambda one: (SURVEYS.index(one.survey), one.version),
    )
