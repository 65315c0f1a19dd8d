"""Authorizations in lists: each as it stands now, by its patient's log and not by its row."""

from collections.abc import Collection
from datetime import datetime

from compliance.models import Authorization
from compliance.rules.present import PresentState, present_state

from .file import read_files


def present_states(rows: Collection[Authorization], at: datetime) -> dict[str, PresentState]:
    """What became of each, and whether it may be dispensed on, by its number. Two queries, however many there are.

    One that the log does not know is left out, and one of a patient whose columns contradict the log.
    """
    files = read_files({(row.patient_id, row.pharmacy_id) for row in rows}, at)
    result: dict[str, PresentState] = {}
    for row in rows:
        file = files.get((row.patient_id, row.pharmacy_id))
        if file is None:
            continue
        # No earlier than its last record: the clock of whoever wrote that may be ahead of the one here.
        history = file.history(file.earliest(at))
        present = present_state(history, row.number, prescribers=file.prescribers, pharmacy=file.pharmacy)
        if present is not None:
            result[row.number] = present
    return result
