"""The sweep: refreshes due patient statuses and enqueues due notices, under each patient's lock.

It also empties the enrolments that were turned down 30 days ago.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import Q, QuerySet
from prometheus_client import Counter

import outbox
from compliance.commands.forgetting import forget_turned_down
from compliance.commands.refresh import refresh_status
from compliance.models import PatientStatus
from compliance.records.programs import PROGRAMS
from compliance.records.status import editions_of
from outbox.turns import Turn

log = structlog.get_logger(__name__)

SWEEP_FAILED = Counter("clearfill_sweep_failures_total", "Patients whose status could not be refreshed")

BATCH = 500


def sweep(*, at: datetime, batch: int = BATCH, turn: Turn | None = None) -> int:
    """Refresh every status that is due at `at`, until the turn is over; how many were.

    Running it twice at once does no harm. A patient who cannot be refreshed keeps nobody else waiting.
    """
    forget_turned_down(at=at)
    done, failed = 0, list[UUID]()
    while True:
        patients = _due(at, failed)[:batch]
        with outbox.without_notifying():
            for patient in patients:
                if _refreshed(patient, at):
                    done += 1
                else:
                    failed.append(patient)
                if turn is not None and turn.is_over():
                    break
        if patients:
            outbox.notify_worker_if_allowed()
        if len(patients) < batch or (turn is not None and turn.is_over()):
            return done


def _due(at: datetime, failed: Sequence[UUID]) -> "QuerySet[PatientStatus, UUID]":
    """Whose status is due, the longest due first."""
    # A release with other editions makes every row of that program due.
    current = [Q(program=program.code, editions=editions_of(program)) for program in PROGRAMS.values()]
    due = PatientStatus.objects.filter(Q(next_due_at__lte=at) | ~reduce(or_, current)).exclude(patient_id__in=failed)
    return due.order_by("next_due_at").values_list("patient_id", flat=True)


def _refreshed(patient: UUID, at: datetime) -> bool:
    """Refresh one patient; False where that failed. Raises what a lost connection raises: nobody else can be."""
    try:
        return refresh_status(patient, at)
    except Exception as error:
        if not connection.is_usable():
            raise
        SWEEP_FAILED.inc()
        log.error("sweep_failed", patient=str(patient), kind=type(error).__name__)
        return False
