"""The yearly surveys in the demo: what readers of the year before answered, and accounts that are old enough to be
asked.
"""

from datetime import date, datetime, timedelta

from django.db.models import F

from accounts.models import User
from compliance import documents
from compliance.documents import SURVEYS
from compliance.models import SurveySum
from compliance.records.programs import program_day

#: For how many months that are over there are answers, and of how many readers at least in each.
_MONTHS = 12
_A_MONTH = dict(zip(SURVEYS, (10, 6, 5), strict=True))


def answer_surveys(at: datetime) -> None:
    """Sums of the twelve months before; some questions are known less well than others."""
    User.objects.update(created_at=F("created_at") - timedelta(days=300))
    month = program_day(at).replace(day=1)
    for _number in range(_MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        for survey in SURVEYS:
            SurveySum.objects.bulk_create(_sums(survey, month))


def _sums(survey: str, month: date) -> list[SurveySum]:
    version = documents.version_on(survey, month)
    of_all = _A_MONTH[survey] + month.month * 5 % 4
    rows = []
    for place, question in enumerate(documents.questions(version=version, bank=survey)):
        answered = of_all - 3 if question.only_for else of_all
        right = answered - (place * 2 + month.month + of_all) % 4
        rows.append(SurveySum(
            month=month, survey=survey, version=version, question=question.id, answered=answered, right=right,
        ))  # fmt: skip
    return rows
