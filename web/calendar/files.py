"""The files whose dates somebody may know, in the place in which they act, with the dates on their side."""

from datetime import datetime
from uuid import UUID

from accounts.erased import MARK
from accounts.models import User
from accounts.roles import GUARDIAN
from compliance.records.columns import NotAsRecorded
from compliance.records.file import read_files_of
from compliance.rules.blockers import GUARDIAN as GUARDIANS_SIDE
from compliance.rules.blockers import PATIENT as PATIENTS_SIDE
from compliance.rules.consents import is_minor
from patients.visibility import visible_patients
from web.shared.planned import occasion_id, revised_in

from .ics import Dated


def dates_of(user: User, at: datetime) -> dict[UUID, list[Dated]]:
    """The dates of each file: a patient's own, or of the minors beside whom a guardian stands. A constant number
    of queries.

    A file that was erased, and one of somebody who is of age by now for their guardian, are none of them. Raises
    NotAsRecorded: a calendar program keeps what it has, where dates left out would vanish from it.
    """
    rows = list(visible_patients(user).exclude(given_name=MARK).order_by("pk").values_list("pk", flat=True))
    files = read_files_of(rows, at)
    for patient in rows:
        if patient not in files:
            raise NotAsRecorded(patient, ())
    is_guardian = user.role == GUARDIAN
    side = GUARDIANS_SIDE if is_guardian else PATIENTS_SIDE
    return {
        patient: [Dated(occasion_id(patient, one.date), one) for one in revised_in(file, at, side)]
        for patient, file in files.items()
        if not is_guardian or is_minor(file.history(at))
    }
