"""Erasure of a patient's erasable texts by two officers: one requests it, another confirms. The digests stay."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.two_officers import Asked
from compliance.models import Proposal, SignedPdf
from compliance.records.file import File
from compliance.rules.records import ErasureAsked, TextsErased
from ledger import erasable_text
from ledger.actor import Actor
from ledger.idempotency import Request
from ledger.models import ErasableText, LogRecord
from patients.models import HeldEnrolment, Patient

from .decide import Outcome, by_id, decide, is_officer
from .entries import enter


class NotErased(ValueError):
    """No other officer has requested it, or a course is open."""


def ask(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The first officer asks that what names the patient be erased."""
    enter(patient=patient, records=[ErasureAsked()], by=by, at=at, key=key, action="ask-erasure")


def confirm(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> int:
    """A second officer confirms what waits; how many texts were erased. Raises NotErased where it may not be done.

    While a course is open the program needs to know who the patient is, and nothing is erased.
    """
    request = Request(action="confirm-erasure", by=by, at=at, key=key, body={"patient": str(patient)})
    answer = decide(request, by_id(patient), partial(_confirm, by.account), relation=is_officer)
    if answer["codes"]:
        raise NotErased(*answer["codes"])
    erased: int = answer["texts"]
    return erased


def _confirm(officer: UUID, file: File, now: datetime) -> Outcome:
    """Runs under the patient's lock."""
    row = _ASKED.by_another(ErasureAsked.kind, file.patient, officer, now)
    if row is None:
        return Outcome(codes=("nobody-else-asked",))
    if file.history(now).course is not None:
        return Outcome(codes=("course-open",))
    digests = list(ErasableText.objects.filter(subject=file.patient).values_list("digest", flat=True))
    record = TextsErased(str(row.actor), len(digests))
    then = partial(_erase, file.patient, digests)
    return Outcome(records=(record,), answer={"texts": len(digests)}, then=then)


def _erase(patient: UUID, digests: list[str], numbers: list[int]) -> None:
    erasable_text.erase(digests)
    SignedPdf.objects.filter(subject=patient).delete()
    _forget(patient)


_ASKED = Asked(subject_kind="patient", asks=(ErasureAsked.kind,), ends=(TextsErased.kind,), lifetime=None)


def waiting() -> QuerySet[LogRecord]:
    """The requests of officers that nobody has confirmed yet, oldest first."""
    return _ASKED.waiting()


def _forget(patient: UUID) -> None:
    """The columns that show erasable texts show them no more."""
    blank = {"given_name": "—", "family_name": "—", "name_key": "", "email": "", "phone": ""}
    Patient.objects.filter(pk=patient).update(**blank)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients_guardian SET name = '—', email = '' WHERE patient_id = %s", [patient])
    for case in HeldEnrolment.objects.filter(patient=patient):
        data = {**case.data, "given_name": "—", "family_name": "—", "email": "", "phone": ""} if case.data else {}
        HeldEnrolment.objects.filter(pk=case.pk).update(data=data | _NO_GUARDIAN if data else data, reason="")
        Proposal.objects.filter(subject=case.pk).update(reason="")
    Proposal.objects.filter(payload__states__has_key=str(patient)).update(reason="")


_NO_GUARDIAN = {"guardian_name": "", "guardian_email": ""}
