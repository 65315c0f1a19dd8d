"""Whose time has come? Brings standings up to date and enqueues what falls due, under each patient's lock."""

from datetime import datetime

from django.db.models import Q

import outbox
from compliance.commands.refresh import bring_up_to_date
from compliance.models import PatientStatus
from compliance.records.status import EDITIONS

BATCH = 500


def sweep(*, at: datetime, batch: int = BATCH) -> int:
    """Bring up to date every standing that is due at `at`; how many were. Running it twice at once does no harm."""
    done = 0
    while True:
        # A release with other editions makes every row due.
        due = PatientStatus.objects.filter(Q(next_due_at__lte=at) | ~Q(editions=EDITIONS))
        patients = list(due.order_by("next_due_at").values_list("patient_id", flat=True)[:batch])
        with outbox.without_notifying():
            done += sum(bring_up_to_date(patient, at) for patient in patients)
        if patients:
            outbox.notify_worker_if_allowed()
        if len(patients) < batch:
            return done
