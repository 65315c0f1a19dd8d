"""Whose time has come? Refreshes statuses and enqueues what falls due, under each patient's lock."""

from datetime import datetime

from django.db.models import Q

import outbox
from compliance.commands.refresh import refresh_status
from compliance.models import PatientStatus
from compliance.records.status import EDITIONS

BATCH = 500


def sweep(*, at: datetime, batch: int = BATCH) -> int:
    """Refresh every status that is due at `at`; how many were. Running it twice at once does no harm."""
    done = 0
    while True:
        # A release with other editions makes every row due.
        due = PatientStatus.objects.filter(Q(next_due_at__lte=at) | ~Q(editions=EDITIONS))
        patients = list(due.order_by("next_due_at").values_list("patient_id", flat=True)[:batch])
        with outbox.without_notifying():
            done += sum(refresh_status(patient, at) for patient in patients)
        if patients:
            outbox.notify_worker_if_allowed()
        if len(patients) < batch:
            return done
