"""The sweep: refreshes due patient statuses and enqueues due notices, under each patient's lock."""

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

import outbox
from compliance.commands.refresh import refresh_status
from compliance.models import PatientStatus
from compliance.records.programs import PROGRAMS
from compliance.records.status import editions_of

BATCH = 500


def sweep(*, at: datetime, batch: int = BATCH) -> int:
    """Refresh every status that is due at `at`; how many were. Running it twice at once does no harm."""
    done = 0
    while True:
        # A release with other editions makes every row of that program due.
        current = [Q(program=program.code, editions=editions_of(program)) for program in PROGRAMS.values()]
        due = PatientStatus.objects.filter(Q(next_due_at__lte=at) | ~reduce(or_, current))
        patients = list(due.order_by("next_due_at").values_list("patient_id", flat=True)[:batch])
        with outbox.without_notifying():
            done += sum(refresh_status(patient, at) for patient in patients)
        if patients:
            outbox.notify_worker_if_allowed()
        if len(patients) < batch:
            return done
