"""Correct the name, telephone number and address of a practice or a pharmacy."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from accounts.roles import OFFICER, PHARMACIST
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from ledger.log import NewRecord
from ledger.models import ErasableText
from patients.models import Pharmacy, Prescriber
from patients.people import in_charge

from . import certifying
from .certifying import Applicant, Kind
from .contacts import sealed_texts, tidy
from .decide import NotPermitted

#: The columns that are corrected, by kind.
COLUMNS: Mapping[Kind, frozenset[str]] = {
    "prescriber": frozenset({"practice_name", "phone", "address"}),
    "pharmacy": frozenset({"name", "phone", "address"}),
}
_MODELS: Mapping[Kind, type[Prescriber | Pharmacy]] = {"prescriber": Prescriber, "pharmacy": Pharmacy}


class NothingChanged(ValueError):
    """All is as it was."""


def may_correct(kind: Kind, subject: UUID, by: Actor) -> bool:
    """The prescriber, who is in charge at the pharmacy, and the office."""
    if by.role == OFFICER:
        return True
    if by.role == PHARMACIST:
        first = in_charge(subject) if kind == "pharmacy" else None
        return first is not None and first.user_id == by.account
    return Prescriber.objects.filter(pk=subject, user=by.account).exists() and by.role == kind


def correct_place(
    *, kind: Kind, subject: UUID, contact: Mapping[str, str], reason: str, by: Actor, at: datetime, key: UUID
) -> None:
    """Correct those columns that `contact` has. What was printed before keeps what it said.

    Raises NotPermitted, NothingChanged, KeyReused; ValueError for any other column.
    """
    if not contact.keys() <= COLUMNS[kind]:
        raise ValueError("not a column of contact data")
    if not may_correct(kind, subject, by):
        raise NotPermitted
    body = {"kind": kind, "subject": str(subject), "contact": dict(contact), "reason": reason}
    request = Request(action="correct-place", by=by, at=at, key=key, body=body)
    work = partial(_correct, kind, subject, tidy(contact), reason, request)
    if once(request, partial(certifying.lock, kind, subject, by=by), work)["codes"]:
        raise NothingChanged


def _correct(
    kind: Kind, subject: UUID, contact: Mapping[str, str], reason: str, request: Request, _locked: Applicant
) -> Result:
    rows = _MODELS[kind].objects.filter(pk=subject)
    new = {name: text for name, text in contact.items() if text != getattr(rows.get(), name)}
    if not new:
        return Result(codes=("nothing-changed",), subject=subject)
    texts = sealed_texts({**new, "reason": reason}, subject, request.at)
    ErasableText.objects.bulk_create(texts.values())
    data = {"sealed": {name: texts[name].digest for name in new}, "reason": texts["reason"].digest}
    record = certifying.append_beside(kind, subject, NewRecord("contact_corrected", data), request)
    rows.update(**new)
    return Result(subject=subject, records=[record.number])
