"""What the office's decision about a possible duplicate goes by: who may enrol today, and what is at stake."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
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
    return any(standing.at_stake for standing in standings(files_of(case), at).values())


def files_of(case: HeldEnrolment) -> list[UUID]:
    """The files that are compared: those that it may be the same as, and the one that was corrected."""
    files = [*map(UUID, case.candidates), *([case.patient_id] if case.is_correction and case.patient_id else [])]
    return list(Patient.objects.filter(pk__in=files).values_list("pk", flat=True))


class Standing(NamedTuple):
    """Where a file stands: `stop` (open), `course` (open), `ended`, or `none` where no course ever was; since when."""

    state: str
    since: datetime | None = None

    @property
    def at_stake(self) -> bool:
        """Whether two officers decide about the file."""
        return self.state in (STOP, COURSE)


def standing_of(patient: UUID, at: datetime) -> Standing:
    """Where a file stands, with all that are linked with it."""
    file = read_file(patient, at)
    history = file.history(file.earliest(at))
    if history.stops.since is not None:
        return Standing(STOP, history.stops.since)
    opened = [one.course.opened.at for one in (history, *history.linked) if one.course is not None]
    if opened:
        return Standing(COURSE, max(opened))
    return Standing(ENDED, history.last_ended.ended.at) if history.last_ended is not None else Standing(NONE)


def standings(files: Iterable[UUID], at: datetime) -> dict[UUID, Standing]:
    """Where each of these files stands."""
    return {file: standing_of(file, at) for file in files}


def plain(standings: Mapping[UUID, Standing]) -> dict[str, list[str]]:
    """Where files stand, as plain data: it differs as soon as one of them stands elsewhere, or there anew."""
    return {str(file): [one.state, one.since.isoformat() if one.since else ""] for file, one in standings.items()}


def file_state(patient: UUID, at: datetime) -> str:
    """Where a file stands, without since when."""
    return standing_of(patient, at).state
