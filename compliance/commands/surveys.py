"""The yearly surveys: what is answered is added to sums of the month, and the account keeps only that it answered.

What was answered goes into nothing else: not into the log, nor into the hash by which a request is known again.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.events import lock, still_open
from accounts.models import SurveyOffer, User
from compliance import documents
from compliance.records.programs import program_day
from compliance.records.surveys import SURVEY_OF, offer_of
from compliance.rules.days import plus
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once

from .decide import NotPermitted

#: After how many days who said "Not now" is asked again.
PUT_OFF_DAYS = 30


def answer(*, version: int, choices: Mapping[str, int], by: Actor, at: datetime, key: UUID) -> bool:
    """Count the answers, each by the id of its question, once a year; whether they were counted.

    A second time, as from another tab, changes nothing. Raises NotPermitted, KeyReused; LookupError for what is no
    question of that version.
    """
    survey = _survey_of(by)
    bank = {question.id: question for question in documents.questions(version=version, bank=survey)}
    right = {code: bank[code].right == choice for code, choice in choices.items()}
    # Not the choices: of so few, a hash would tell them to whoever has its key.
    body = {"survey": survey, "version": version}
    request = Request(action="answer-survey", by=by, at=at, key=key, body=body)
    work = partial(_answer, survey, version, right, request)
    return bool(once(request, partial(_lock, by.account), work, still=still_open(by))["counted"])


def put_off(*, by: Actor, at: datetime, key: UUID) -> None:
    """Ask again in thirty days. Raises NotPermitted, KeyReused."""
    survey = _survey_of(by)
    request = Request(action="put-off-survey", by=by, at=at, key=key, body={"survey": survey})
    once(request, partial(_lock, by.account), partial(_put_off, survey, request), still=still_open(by))


def _survey_of(by: Actor) -> str:
    if by.role not in SURVEY_OF:
        raise NotPermitted
    return SURVEY_OF[by.role]


def _lock(account: UUID) -> None:
    if not lock(account) or not User.objects.filter(pk=account, is_active=True).exists():
        raise NotPermitted


def _answer(survey: str, version: int, right: Mapping[str, bool], request: Request, _locked: None) -> Result:
    today = program_day(request.at)
    if offer_of(request.by.account, survey).is_taken(today):
        return Result(answer={"counted": False})
    _keep(request.by.account, survey, version, _a_year_later(today))
    _add(today.replace(day=1), survey, version, right)
    return Result(answer={"counted": True})


def _put_off(survey: str, request: Request, _locked: None) -> Result:
    today = program_day(request.at)
    if not offer_of(request.by.account, survey).is_taken(today):
        _keep(request.by.account, survey, None, plus(today, PUT_OFF_DAYS))
    return Result()


def _a_year_later(on: date) -> date:
    """The first day of the month: the row is not to say on which day it was written."""
    return date(on.year + 1, on.month, 1)


def _keep(account: UUID, survey: str, version: int | None, again_on: date) -> None:
    SurveyOffer.objects.update_or_create(
        user_id=account, survey=survey, defaults={"version": version, "again_on": again_on}
    )


#: In the order of the questions, so that two who answer at once do not wait crosswise.
_ADD = """
INSERT INTO compliance_surveysum AS kept (month, survey, version, question, answered, "right")
SELECT %(month)s, %(survey)s, %(version)s, question, 1, is_right::int
    FROM unnest(%(questions)s::text[], %(right)s::bool[]) AS sheet (question, is_right) ORDER BY question
ON CONFLICT (month, survey, version, question) DO UPDATE
    SET answered = kept.answered + 1, "right" = kept."right" + excluded."right"
"""


def _add(month: date, survey: str, version: int, right: Mapping[str, bool]) -> None:
    values: dict[str, Any] = {"month": month, "survey": survey, "version": version}
    values |= {"questions": list(right), "right": list(right.values())}
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)
