"""Who a person is: one at a time is enrolled, let through or corrected, so that a second file is always seen.

Two files may be of one person by many rules (`patients.duplicates.RULES`), and no part of a name or a birth date is
common to all pairs that match. One short lock for the whole program is as wide as all of them; enrolments are rare.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from ledger.idempotency import Answer, Request
from patients.duplicates import Identity, matches_of
from patients.models import HeldEnrolment, Patient

from .decide import NotPermitted, Relation, Work, by_id, decide


def lock() -> None:
    """Hold, until the transaction ends, the lock of everything that says who a person is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('clearfill.identity'))")


def identity_of(patient: Patient) -> Identity:
    """What tells this patient from another person."""
    return Identity(patient.given_name, patient.family_name, patient.born_on, patient.phone, patient.email)


def show_office(patient: UUID, at: datetime) -> None:
    """A file whose identity was corrected: where it may now be of a person who has another one, the office sees both.

    Runs under `lock`, after the correction was written.
    """
    row = Patient.objects.get(pk=patient)
    candidates = [str(match) for match in matches_of(identity_of(row), besides=patient)]
    if not candidates:
        return
    waiting = HeldEnrolment.objects.filter(patient=patient, is_correction=True, state="waiting")
    if not waiting.update(candidates=candidates):
        HeldEnrolment.objects.create(
            prescriber_id=row.prescriber_id, patient=row, is_correction=True, data={}, candidates=candidates,
            state="waiting", created_at=at,
        )  # fmt: skip


def decide_alone(request: Request, patient: UUID, work: Work, relation: Relation | None = None) -> Answer:
    """As `decide`, under the lock of identities first: for what may make a file that of a person who has another one.

    Raises NotPermitted, KeyReused.
    """
    with transaction.atomic():
        lock()
        try:
            return decide(request, by_id(patient), work, relation=relation)
        except NotPermitted as error:
            not_permitted = error  # raised outside, so that the request stays in the log
    raise not_permitted
