"""Make every column that is a projection anew from the log. Changes nothing where they agree."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from compliance.records import noncompliance, places
from compliance.records.columns import guardian_accounts, linked_files, patient_columns
from compliance.records.file import entries_of
from compliance.records.rebuild import oldest_of
from compliance.rules.records import Authorized
from ledger import log
from patients.models import Delegate, Guardian, Patient, Pharmacy, Prescriber
from patients.numbers import new_number

from .refresh import refresh_status


def rebuild(at: datetime) -> int:
    """Every column of every subject, and then every status, as of `at`; how many statuses were rebuilt."""
    for kind, model in (("prescriber", Prescriber), ("pharmacy", Pharmacy)):
        for subject in model.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=1000):
            _restore_place(kind, subject)
    patients = list(Patient.objects.order_by("pk").values_list("pk", flat=True))
    for patient in patients:
        _restore_patient(patient)
    return sum(refresh_status(patient, at, whole=True) for patient in patients)


@transaction.atomic
def _restore_patient(patient: UUID) -> None:
    """The row of one patient, and those of the guardians."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('clearfill.linking'))")
        cursor.execute("SELECT 1 FROM patients_patient WHERE id = %s FOR UPDATE", [patient])
        # Rows that are exchanged are compared with one another once all of them are as the log says.
        cursor.execute("SET CONSTRAINTS patient_place, guardian_place DEFERRED")
    entries = entries_of(log.read(patient))
    if not entries:
        return
    said = patient_columns(entries)
    said["linked_to_id"] = oldest_of({patient, *linked_files(entries)})
    if said.get("number"):
        _make_room(patient, "number", said["number"], new_number())
    _set("patients_patient", patient, said)
    _take_back(patient, [entry.record.number for entry in entries if isinstance(entry.record, Authorized)])
    accounts = guardian_accounts(entries)
    # None of two guardians may have the account of the other meanwhile.
    Guardian.objects.filter(pk__in=accounts).update(user=None)
    for guardian, account in accounts.items():
        Guardian.objects.filter(pk=guardian).update(user_id=account, patient_id=patient)


def _take_back(patient: UUID, numbers: Sequence[str]) -> None:
    """Its authorizations that stand under another patient; void meanwhile, so that no open one is in their way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE compliance_authorization SET patient_id = %s, state = 'void', handed_over_on = NULL, "
            "entered_on = NULL WHERE number = ANY(%s) AND patient_id <> %s",
            [patient, list(numbers), patient],
        )


def _make_room(patient: UUID, column: str, value: Any, instead: Any) -> None:
    """Nobody else has a value that only one may have; whoever had it gets their own in turn."""
    Patient.objects.filter(**{column: value}).exclude(pk=patient).update(**{column: instead})


def _set(table: str, row: UUID, columns: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {assignments} WHERE id = %s", [*columns.values(), row])


@transaction.atomic
def _restore_place(kind: str, subject: UUID) -> None:
    """The row of one practice or pharmacy, its delegations, and its cases of non-compliance."""
    table = f"patients_{kind}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR NO KEY UPDATE", [subject])
    rows = log.read(subject)
    said = places.place_columns(kind, rows)
    if said:
        _set(table, subject, said)
    noncompliance.restore(subject, rows)
    if kind == "prescriber":
        _restore_delegations(subject, places.delegations(rows))


def _restore_delegations(prescriber: UUID, said: Sequence[places.Delegation]) -> None:
    """Those that the log has, each in the row that it had where there is one."""
    rows = list(Delegate.objects.filter(prescriber=prescriber).order_by("named_at", "id"))
    if [(row.delegate_id, row.named_at, row.ended_at) for row in rows] == list(said):
        return
    ids: dict[tuple[UUID, datetime], UUID] = {}
    for delegate, named, _ended in said:
        free = [row for row in rows if row.delegate_id == delegate and row.pk not in ids.values()]
        # The one of that instant, and where there is none any of the same two.
        free.sort(key=lambda row: row.named_at != named)
        ids[delegate, named] = free[0].pk if free else uuid4()
    Delegate.objects.filter(prescriber=prescriber).delete()
    Delegate.objects.bulk_create(
        Delegate(
            id=ids[delegate, named], prescriber_id=prescriber, delegate_id=delegate, named_at=named, ended_at=ended
        )
        for delegate, named, ended in said
    )
