"""The laboratory schedule of a practice: the months in which values are due in its courses, but for those with a plan
of their own. A record in the practice's log.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from compliance.records.file import laboratory_months
from compliance.rules.care.laboratory import SCHEDULED, are_months
from ledger import log
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from ledger.log import NewRecord
from patients.models import Prescriber

from . import certifying
from .decide import NotPermitted


class NothingChanged(ValueError):
    """The practice has these months already."""


def set_schedule(*, prescriber: Prescriber, months: Sequence[int], by: Actor, at: datetime, key: UUID) -> None:
    """From now on values are due in these months, 0 before the first dose; none at all is as needed.

    Raises NotPermitted for anybody but the prescriber, NothingChanged, KeyReused; ValueError for what are no months.
    """
    if by.account != prescriber.user_id:
        raise NotPermitted
    if not are_months(months):
        raise ValueError("not months of a course")
    body = {"prescriber": str(prescriber.pk), "months": list(months)}
    request = Request(action="schedule-laboratory", by=by, at=at, key=key, body=body)
    lock = partial(certifying.lock, "prescriber", prescriber.pk, by=by)
    if once(request, lock, partial(_set, prescriber.pk, tuple(months), request))["codes"]:
        raise NothingChanged


def _set(prescriber: UUID, months: tuple[int, ...], request: Request, _locked: object) -> Result:
    rows = log.read(prescriber)
    if laboratory_months(rows, max(request.at, rows[-1].at) if rows else request.at) == months:
        return Result(codes=("nothing-changed",), subject=prescriber)
    draft = NewRecord(kind=SCHEDULED, data={"months": list(months)})
    record = certifying.append_beside("prescriber", prescriber, draft, request)
    certifying.mark_patients_due(prescriber, record.at)
    return Result(subject=prescriber, records=[record.number])
