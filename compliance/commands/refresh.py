"""Refresh one patient's stored status from the log, under the patient's lock."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from compliance.commands.decide import by_id, read_locked
from compliance.records.status import project
from ledger import clock


def refresh_status(patient: UUID, at: datetime, *, whole: bool = False) -> bool:
    """Project one patient as of `at`; `whole`: also what only a record changes."""
    with transaction.atomic():
        locked = by_id(patient)()
        if locked is None:
            return False
        at = clock.after_wait(at)
        file = read_locked(locked, at)
        project(file, file.earliest(at), whole=whole)
    return True
