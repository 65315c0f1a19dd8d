"""Compare every column that is a projection with what the log says: of patients, guardians, authorizations,
cases of pregnancies, statuses.

Practices, pharmacies, delegations and cases of non-compliance are in `places`. A page of patients takes eight queries,
however many they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from compliance.models import Authorization, PatientStatus, PregnancyCase
from ledger import log
from patients.models import Guardian, Patient

from . import places
from .columns import (
    PATIENT_COLUMNS,
    contradicted,
    differing_rows,
    guardian_accounts,
    linked_files,
    patient_columns,
)
from .file import File, entries_of, file_of, judged_prescriber, with_prescribers
from .pregnancies import CASE_COLUMNS, case_rows
from .programs import PROGRAMS
from .status import AUTHORIZATION_COLUMNS, authorization_rows, awaits_sweep, row_of

#: So many patients are compared at a time.
PAGE = 500

#: What a status is compared by: everything that is worked out.
COMPARED = (
    "stage", "category", "window_first", "window_last", "blockers", "acts", "owed", "log_number", "editions",
    "prescriber_acts_from", "designee_acts_from", "asks_since", "next_due_at", "program",
)  # fmt: skip

#: What a row of the release before lacks, until the sweep has worked it out anew.
_SINCE_RELEASE = frozenset({"editions", "prescriber_acts_from", "designee_acts_from", "asks_since"})

Difference = tuple[UUID, str]


def differences(page: int = PAGE) -> Iterator[Difference]:
    """Each subject whose rows are not what the log says, and which columns differ, in words for the operator."""
    for _last, found in pages(UUID(int=0), page):
        yield from found
    yield from places.differences(page)


def pages(after: UUID, page: int = PAGE) -> Iterator[tuple[UUID, list[Difference]]]:
    """The patients whose id follows on `after`, a page at a time: the last id of each page, and what differs in it."""
    while patients := list(Patient.objects.filter(pk__gt=after).order_by("pk")[:page]):
        after = patients[-1].pk
        yield after, list(_Page(patients).differences())
        if len(patients) < page:
            return


def differs(subject: UUID) -> bool:
    """Whether rows of this subject differ now: asked once more under its lock before anybody is alarmed."""
    return any(_Page(list(Patient.objects.filter(pk=subject))).differences()) or places.differs(subject)


class _Page:
    """Some patients, all rows beside them, and all logs that say what those rows should be."""

    def __init__(self, patients: Sequence[Patient]) -> None:
        self.patients = patients
        ids = [patient.pk for patient in patients]
        self.statuses = {status.patient_id: status for status in PatientStatus.objects.filter(patient__in=ids)}
        self.logs = log.by_subject(log.read(*ids))
        self.entries = {p: entries_of(self.logs[p]) for p in ids}
        others = {p: linked_files(self.entries[p]) for p in ids}
        self.groups = {p: {p, *files} for p, files in others.items() if files}
        around = {one for files in others.values() for one in files} | {p.prescriber_id for p in patients}
        around |= {said for p in ids if (said := self._said(p).get("prescriber_id"))}
        self.logs |= log.by_subject(log.read(*(around - self.logs.keys())))
        members = {one for group in self.groups.values() for one in group}
        self.oldest = {
            pk: (created, pk) for pk, created in Patient.objects.filter(pk__in=members).values_list("pk", "created_at")
        }
        named = Guardian.objects.filter(pk__in=self._named_guardians()).values_list("pk", "user_id", "patient_id")
        #: By guardian, their account and their patient.
        self.guardians = {pk: (account, ward) for pk, account, ward in named}
        self.authorizations = _rows_of(Authorization, AUTHORIZATION_COLUMNS, ids)
        self.cases = _rows_of(PregnancyCase, CASE_COLUMNS, ids)

    def _said(self, patient: UUID) -> dict[str, Any]:
        return patient_columns(self.entries[patient])

    def _named_guardians(self) -> set[UUID]:
        return {g for patient in self.patients for g in guardian_accounts(self.entries[patient.pk])}

    def differences(self) -> Iterator[Difference]:
        """What differs, by patient."""
        for patient in self.patients:
            wrong = [*self._columns(patient), *self._guardians(patient), *self._projections(patient)]
            if wrong:
                yield patient.pk, ", ".join(wrong)

    def _columns(self, patient: Patient) -> Iterator[str]:
        yield from contradicted(self.entries[patient.pk], {name: getattr(patient, name) for name in PATIENT_COLUMNS})
        group = self.groups.get(patient.pk, set())
        oldest = min((self.oldest[one] for one in group if one in self.oldest), default=(None, None))[1]
        if self.logs[patient.pk] and patient.linked_to_id != oldest:
            yield "linked_to_id"

    def _guardians(self, patient: Patient) -> Iterator[str]:
        for guardian, account in guardian_accounts(self.entries[patient.pk]).items():
            has, ward = self.guardians.get(guardian, (None, None))
            if has != account:
                yield "guardian.user_id"
            if ward != patient.pk:
                yield "guardian.patient_id"

    def _projections(self, patient: Patient) -> Iterator[str]:
        status = self.statuses.get(patient.pk)
        if status is None:
            yield "no status"
            return
        file = self._file(patient, status.assessed_at)
        columns, _found = row_of(file, status.assessed_at)
        late = file.head.at is not None and status.assessed_at < file.head.at
        yield from ["assessed_at"] if late else []
        awaits = awaits_sweep(status.editions, file.program)
        excused = set(_SINCE_RELEASE) if awaits else set()
        made_due = self._made_due(file, status)
        excused |= {"next_due_at"} if awaits or made_due else set()
        if made_due and self._latest_of_prescribers(file) == status.assessed_at:
            # Written at the very instant of which the row was worked out, and after it: the sweep has it still to do.
            excused |= set(COMPARED) - {"log_number"}
        yield from (n for n in COMPARED if n not in excused and columns[n] != getattr(status, n))
        history = file.history(status.assessed_at)
        said, rows = authorization_rows(patient.pk, history), self.authorizations.get(patient.pk, [])
        yield from differing_rows("authorization", "number", said, rows)
        yield from differing_rows("pregnancy", "record", case_rows(patient.pk, history), self.cases.get(patient.pk, []))

    def _file(self, patient: Patient, at: datetime) -> File:
        prescriber = self._said(patient.pk).get("prescriber_id") or patient.prescriber_id
        linked = self.groups.get(patient.pk, set()) - {patient.pk}
        file = file_of(
            self.logs, patient.pk, prescriber=prescriber, pharmacy=None, at=at, linked=linked,
            program=PROGRAMS.get(patient.program),
        )  # fmt: skip
        judged = judged_prescriber(file, at)
        return with_prescribers(file, {judged: log.read(judged)}, [judged], at) if judged else file

    def _latest_of_prescribers(self, file: File) -> datetime | None:
        """When something was last written at the prescribers."""
        return max((r.at for name in file.prescribers for r in self.logs.get(UUID(name), ())), default=None)

    def _made_due(self, file: File, status: PatientStatus) -> bool:
        """Whether the row was made due because something happened at the prescriber since it was worked out.

        Or was put off, since it could not be worked out.
        """
        if status.failures:
            return True
        latest = self._latest_of_prescribers(file)
        due = status.next_due_at
        return latest is not None and due is not None and due <= latest and latest >= status.assessed_at


def _rows_of(
    model: type[Authorization | PregnancyCase], columns: Sequence[str], ids: Iterable[UUID]
) -> Mapping[UUID, list[dict[str, Any]]]:
    """The rows of a table by patient, each in the order of their records."""
    rows = defaultdict(list)
    for row in model.objects.filter(patient__in=ids).order_by("record", columns[0], "id").values(*columns):
        rows[row["patient_id"]].append(row)
    return rows


def oldest_of(group: Iterable[UUID]) -> UUID | None:
    """The file that stands for all that are linked with it; None for one alone."""
    files = list(group)
    if len(files) < 2:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM patients_patient WHERE id = ANY(%s) ORDER BY created_at, id LIMIT 1", [files])
        found: UUID = cursor.fetchone()[0]
    return found
