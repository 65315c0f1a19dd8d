"""What the office's decision about a possible duplicate goes by: who may enrol today, and what is at stake."""

from datetime import datetime
from uuid import UUID

from compliance.records.file import certified, read_file
from compliance.records.programs import program_day
from compliance.rules.certification import covers
from compliance.rules.editions import Program
from ledger import log
from patients.models import APPROVED, HeldEnrolment, Patient, Prescriber

#: Where a file stands.
STOP, COURSE, ENDED, NONE = "stop", "course", "ended", "none"


def is_certified(prescriber: UUID, program: Program, at: datetime) -> bool:
    """Whether the prescriber is one who can enrol: neither suspended nor gone, and certified today."""
    row = Prescriber.objects.select_related("user").get(pk=prescriber)
    spans = certified(log.read(prescriber), at, program)
    return row.state == APPROVED and row.user.is_active and covers(spans, program_day(at, program))


def needs_two(case: HeldEnrolment, at: datetime) -> bool:
    """Whether two officers decide: a stop or an open course stands in one of the files that it may be the same as."""
    files = [*map(UUID, case.candidates), *([case.patient_id] if case.is_correction and case.patient_id else [])]
    known = Patient.objects.filter(pk__in=files).values_list("pk", flat=True)
    return any(file_state(file, at) in (STOP, COURSE) for file in known)


def file_state(patient: UUID, at: datetime) -> str:
    """Where a file stands: `stop` (open), `course` (open), `ended`, or `none` where no course ever was."""
    file = read_file(patient, at)
    history = file.history(file.earliest(at))
    if history.stops.open:
        return STOP
    if history.course is not None or any(other.course is not None for other in history.linked):
        return COURSE
    return ENDED if history.last_ended is not None else NONE
