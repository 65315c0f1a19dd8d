"""Compare each patient's stored status and authorizations with what the log gives."""

from collections.abc import Iterator
from uuid import UUID

from compliance.models import Authorization, PatientStatus
from patients.models import Patient

from .file import File, read_file
from .status import Kept, authorization_rows, row_of

#: What a row is compared by: everything that is worked out.
COMPARED = (
    "stage", "category", "window_first", "window_last", "blockers", "acts", "owed", "log_number", "editions",
    "next_due_at", "program",
)  # fmt: skip


def differences() -> Iterator[tuple[UUID, str]]:
    """Each patient whose rows are not what the log says as of the instant they were worked out, and what differs."""
    for patient in Patient.objects.filter(status=None).values_list("pk", flat=True).iterator():
        yield patient, "no status"
    for status in PatientStatus.objects.order_by("pk").iterator(chunk_size=500):
        file = _file_as_assessed(status)
        columns, _found = row_of(file, status.assessed_at)
        wrong = [name for name in COMPARED if columns[name] != getattr(status, name)]
        if authorization_rows(file.history(status.assessed_at)) != _states_in_table(status.patient_id):
            wrong.append("authorizations")
        if wrong:
            yield status.patient_id, ", ".join(wrong)


def _file_as_assessed(status: PatientStatus) -> File:
    """The file as the projection read it. A log that has grown since is a difference of its own."""
    return read_file(status.patient_id, status.assessed_at)


def _states_in_table(patient: UUID) -> dict[str, Kept]:
    rows = Authorization.objects.filter(patient=patient)
    query = rows.values_list("number", "state", "handed_over_on", "entered_on")
    return {number: (state, handed_over, entered) for number, state, handed_over, entered in query}
