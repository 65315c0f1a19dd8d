"""Cases of non-compliance: opened by an officer, taken on step by step, answered and appealed by the place.

Everything is a record in the log of the practice or pharmacy. A suspension is that of `certifying`, with the number of
its case; an appeal against it that is upheld gives the certification back in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from accounts.events import still_open
from accounts.roles import OFFICER, PHARMACIST, PRESCRIBER
from compliance.models import ComplianceSignal
from compliance.records.noncompliance import CASE_ANSWERED, CASE_OPENED, CASE_STEP, cases_of, project
from compliance.records.programs import program_day
from compliance.rules.noncompliance import CLOSED, OFFICE_STEPS, PLACE_STEPS, SUSPENDED, UPHELD, WITH_DUE
from ledger import log
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from ledger.log import NewRecord
from ledger.models import ErasableText
from patients.models import SUSPENDED as SUSPENDED_STATE

from . import certifying
from .certifying import CASE_LETTER, Applicant, Kind, WrongState
from .decide import NotPermitted

#: Who answers for a practice, and who for a pharmacy.
ANSWERS: Mapping[Kind, str] = {"prescriber": PRESCRIBER, "pharmacy": PHARMACIST}


class SameOfficer(NotPermitted):
    """An appeal is decided by another officer than the step against which it goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said at a step, and the day that it names."""

    text: ErasableText
    due: date | None = None


def open_case(
    *, kind: Kind, subject: UUID, signals: Sequence[UUID], note: ErasableText, by: Actor, at: datetime, key: UUID
) -> int:
    """An officer opens a case, from signals of that place or (none) by hand; its number. The place is told nothing yet.

    Raises NotPermitted, WrongState where a signal is in a case already or is of another place, KeyReused.
    """
    if by.role != OFFICER:
        raise NotPermitted
    body = {
        "kind": kind, "subject": str(subject), "signals": sorted(str(one) for one in signals), "note": note.text,
    }  # fmt: skip
    request = Request(action="open-case", by=by, at=at, key=key, body=body)
    work = partial(_open, kind, subject, signals, note, request)
    answer = once(request, partial(certifying.lock, kind, subject, by=by), work, still=still_open(by))
    if answer["codes"]:
        raise WrongState(request.action)
    number: int = answer["records"][0]
    return number


def _open(
    kind: Kind, subject: UUID, signals: Sequence[UUID], note: ErasableText, request: Request, _locked: Applicant
) -> Result:
    rows = ComplianceSignal.objects.filter(pk__in=signals, place=subject, case=None)
    raised = list(rows.select_for_update().order_by("day", "pk"))
    if len(raised) != len(set(signals)):
        return Result(codes=("wrong-state",), subject=subject)
    data: dict[str, Any] = {"signals": [_of(signal) for signal in raised], "sealed": {"text": note.digest}}
    number = _append(kind, subject, NewRecord(CASE_OPENED, data), note, request)
    ComplianceSignal.objects.filter(pk__in=[signal.pk for signal in raised]).update(case=number)
    project(subject, log.read(subject), number)
    return Result(subject=subject, records=[number])


def _of(signal: ComplianceSignal) -> dict[str, Any]:
    """A signal as the log has it: what it says, of which day, and what raised it."""
    raised = {"record": signal.record} if signal.record is not None else {"request": signal.request}
    return {"code": signal.code, "day": signal.day.isoformat(), "patient": str(signal.patient)} | raised


def take_step(
    *, kind: Kind, subject: UUID, case: int, step: str, said: Said, by: Actor, at: datetime, key: UUID
) -> None:  # fmt: skip
    """An officer takes a step of a case, and the place is told that there is a letter.

    `said.due` is the day that `noncompliance.WITH_DUE` asks for. Raises NotPermitted, SameOfficer, WrongState where the
    step does not follow, KeyReused; ValueError for a step of somebody else's, or a day too many or missing.
    """
    if step not in OFFICE_STEPS or (said.due is not None) != (step in WITH_DUE):
        raise ValueError("not a step of the office")
    if step == SUSPENDED:
        certifying.suspend(kind=kind, subject=subject, reason=said.text, by=by, at=at, key=key, case=case)
        return
    if by.role != OFFICER:
        raise NotPermitted
    _once(kind, subject, case, step, said, CASE_STEP, by=by, at=at, key=key)


def answer(*, kind: Kind, subject: UUID, case: int, step: str, said: Said, by: Actor, at: datetime, key: UUID) -> None:
    """The place replies, sends its plan, or appeals. Raises NotPermitted, WrongState, KeyReused; ValueError."""
    if step not in PLACE_STEPS or said.due is not None:
        raise ValueError("not a step of the place")
    if by.role != ANSWERS[kind] or by.acting_for != subject:
        raise NotPermitted
    _once(kind, subject, case, step, said, CASE_ANSWERED, by=by, at=at, key=key)


def _once(
    kind: Kind, subject: UUID, case: int, step: str, said: Said, record: str, *, by: Actor, at: datetime, key: UUID
) -> None:
    due = {"due": said.due.isoformat()} if said.due is not None else {}
    data: dict[str, Any] = {"case": case, "step": step} | due
    body = {"kind": kind, "subject": str(subject), "text": said.text.text} | data
    request = Request(action=record.replace("_", "-"), by=by, at=at, key=key, body=body)
    draft = NewRecord(record, data | {"sealed": {"text": said.text.digest}})
    work = partial(_step, kind, subject, draft, said.text, request)
    codes = once(request, partial(certifying.lock, kind, subject, by=by), work, still=still_open(by))["codes"]
    if _SAME_OFFICER in codes:
        raise SameOfficer
    if codes:
        raise WrongState(step)


_SAME_OFFICER = "same-officer"


def _step(
    kind: Kind, subject: UUID, draft: NewRecord, text: ErasableText, request: Request, applicant: Applicant
) -> Result:  # fmt: skip
    number, step = draft.data["case"], draft.data["step"]
    case = cases_of(log.read(subject)).get(number)
    if case is None or not case.may(step, program_day(request.at)):
        return Result(codes=("wrong-state",), subject=subject)
    if not case.may_decide(step, str(request.by.account)):
        return Result(codes=(_SAME_OFFICER,), subject=subject)
    written = _append(kind, subject, draft, text, request)
    decided = case.appealable
    if step == UPHELD and decided is not None and decided.step == SUSPENDED and applicant.state == SUSPENDED_STATE:
        certifying.reinstate_within(request, kind, subject, number)
    project(subject, log.read(subject), number)
    if request.by.role == OFFICER and (step != CLOSED or len(case.events) > 1):
        # A case that is closed before its place was told of it is told of no more.
        certifying.tell(CASE_LETTER, kind, subject, written, request.at)
    return Result(subject=subject, records=[written])


def _append(kind: Kind, subject: UUID, draft: NewRecord, text: ErasableText, request: Request) -> int:
    text.subject, text.at = subject, request.at
    text.save(force_insert=True)
    return certifying.append_beside(kind, subject, draft, request).number
