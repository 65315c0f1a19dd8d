"""Standings made anew from the log, or compared with it."""

from collections.abc import Iterator
from uuid import UUID

from compliance.models import Standing
from patients.models import Patient

from .file import File, read_file
from .standing import row_of

#: What a row is compared by: everything that is worked out.
COMPARED = (
    "stage", "category", "window_first", "window_last", "blockers", "acts", "owed", "log_number", "editions",
    "next_due_at",
)  # fmt: skip


def differences() -> Iterator[tuple[UUID, str]]:
    """Each patient whose standing is not what the log says as of the instant it was worked out, and the columns."""
    for patient in Patient.objects.filter(standing=None).values_list("pk", flat=True).iterator():
        yield patient, "no standing"
    for standing in Standing.objects.order_by("pk").iterator(chunk_size=500):
        columns, _found = row_of(_as_it_was(standing), standing.assessed_at)
        wrong = [name for name in COMPARED if columns[name] != getattr(standing, name)]
        if wrong:
            yield standing.patient_id, ", ".join(wrong)


def _as_it_was(standing: Standing) -> File:
    """The file as the projection read it. A log that has grown since is a difference of its own."""
    return read_file(standing.patient_id, standing.assessed_at)
