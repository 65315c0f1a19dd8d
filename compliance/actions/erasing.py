"""Erase a patient's sealed texts. Two officers want it: one asks, another confirms. The log keeps the digests."""

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from accounts.roles import OFFICER
from compliance.projection.file import read_file
from compliance.rules.records import ErasureAsked, TextsErased
from ledger import seal
from ledger.actor import Actor
from ledger.models import Record, Sealed
from patients.models import Patient

from .decide import NotPermitted
from .entries import enter


class NotErased(ValueError):
    """Nobody else has asked for it, or a course is open."""


def ask(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The first officer asks that what names the patient be erased."""
    enter(patient=patient, records=[ErasureAsked()], by=by, at=at, key=key, action="ask-erasure")


def confirm(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> int:
    """A second officer confirms; how many texts were erased. Raises NotErased where it may not be done.

    While a course is open the program needs to know who the patient is, and nothing is erased.
    """
    if by.role != OFFICER:
        raise NotPermitted
    asked = Record.objects.filter(subject=patient, kind=ErasureAsked.kind).order_by("-number").first()
    if asked is None or asked.actor == by.account:
        raise NotErased("another officer asks for it first")
    if read_file(patient, at).history(at).course is not None:
        raise NotErased("a course is open")
    digests = list(Sealed.objects.filter(subject=patient).values_list("digest", flat=True))

    def erase(numbers: list[int]) -> None:
        seal.erase(digests)
        _forget(patient)

    record = TextsErased(str(asked.actor), len(digests))
    enter(patient=patient, records=[record], by=by, at=at, key=key, action="confirm-erasure", then=erase)
    return len(digests)


def waiting() -> QuerySet[Record]:
    """The requests of officers that nobody has confirmed yet, oldest first."""
    done = Record.objects.filter(subject=OuterRef("subject"), kind=TextsErased.kind, number__gt=OuterRef("number"))
    asked = Record.objects.filter(subject_kind="patient", kind=ErasureAsked.kind)
    return asked.filter(~Exists(done)).order_by("at", "id")


def _forget(patient: UUID) -> None:
    """The columns that show sealed texts show them no more."""
    blank = {"given_name": "—", "family_name": "—", "name_key": "", "email": "", "phone": ""}
    Patient.objects.filter(pk=patient).update(**blank)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients_guardian SET name = '—', email = '' WHERE patient_id = %s", [patient])
