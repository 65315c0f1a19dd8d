"""Correct the name, telephone number, hours, address and NPI of a practice or a pharmacy."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.roles import OFFICER, PHARMACIST
from ledger.actor import Actor
from ledger.idempotency import Refused, Request, Result, once
from ledger.log import NewRecord
from ledger.models import ErasableText
from patients.models import Pharmacy, Prescriber
from patients.numbers import npi_is_valid
from patients.people import in_charge

from . import certifying
from .certifying import Applicant, Kind
from .contacts import sealed_texts, tidy
from .decide import NotPermitted

#: The columns that are corrected, by kind.
COLUMNS: Mapping[Kind, frozenset[str]] = {
    "prescriber": frozenset({"practice_name", "phone", "hours", "address"}),
    "pharmacy": frozenset({"name", "phone", "address"}),
}
#: Beside them, what the office alone corrects: it is what the register was asked about.
OFFICE_COLUMNS = frozenset({"npi"})
_MODELS: Mapping[Kind, type[Prescriber | Pharmacy]] = {"prescriber": Prescriber, "pharmacy": Pharmacy}


class NothingChanged(ValueError):
    """All is as it was."""


class NpiTaken(ValueError):
    """Another practice, or another pharmacy, is registered under that NPI."""


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

    Raises NotPermitted, NothingChanged, NpiTaken, KeyReused; ValueError for any other column, and for an NPI that
    cannot be one.
    """
    if not contact.keys() <= COLUMNS[kind] | OFFICE_COLUMNS:
        raise ValueError("not a column of contact data")
    if "npi" in contact and not npi_is_valid(contact["npi"]):
        raise ValueError("not an NPI")
    if not may_correct(kind, subject, by) or (OFFICE_COLUMNS & contact.keys() and by.role != OFFICER):
        raise NotPermitted
    body = {"kind": kind, "subject": str(subject), "contact": dict(contact), "reason": reason}
    request = Request(action="correct-place", by=by, at=at, key=key, body=body)
    work = partial(_correct, kind, subject, tidy(contact), reason, request)
    codes = once(request, partial(certifying.lock, kind, subject, by=by), work)["codes"]
    if _TAKEN in codes:
        raise NpiTaken
    if codes:
        raise NothingChanged


_TAKEN = "npi-taken"


def _correct(
    kind: Kind, subject: UUID, contact: Mapping[str, str], reason: str, request: Request, _locked: Applicant
) -> Result:
    rows = _MODELS[kind].objects.filter(pk=subject)
    new = {name: text for name, text in contact.items() if text != getattr(rows.get(), name)}
    if not new:
        return Result(codes=("nothing-changed",), subject=subject)
    if "npi" in new and _MODELS[kind].objects.filter(npi=new["npi"]).exists():
        return Result(codes=(_TAKEN,), subject=subject)
    texts = sealed_texts({**new, "reason": reason}, subject, request.at)
    ErasableText.objects.bulk_create(texts.values())
    data = {"sealed": {name: texts[name].digest for name in new}, "reason": texts["reason"].digest}
    record = certifying.append_beside(kind, subject, NewRecord("contact_corrected", data), request)
    try:
        with transaction.atomic():
            rows.update(**new)
    except IntegrityError:  # somebody else has just registered under it
        raise Refused(_TAKEN, subject=subject) from None
    return Result(subject=subject, records=[record.number])
