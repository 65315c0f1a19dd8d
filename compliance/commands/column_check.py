"""The scheduled comparison of columns with the log: an alarm where they differ, and a row that the office sees."""

from datetime import datetime
from itertools import islice

import structlog
from django.db import connection, transaction
from prometheus_client import Counter, Gauge

from compliance.models import ColumnCheck
from compliance.records.rebuild import Difference, differences, differs
from ledger.clock import now
from patients.models import Patient

from .decide import by_id

logger = structlog.get_logger(__name__)

DIFFERING = Gauge("clearfill_columns_differing", "Subjects whose columns differed from the log at the last check")
FOUND = Counter("clearfill_column_differences_total", "Subjects whose columns were found to differ from the log")

#: So many differences are looked at once more, and named.
NAMED = 100

_LOCK = 772_002


def check_columns(*, at: datetime) -> ColumnCheck | None:
    """Compare everything, raise an alarm for what differs, and keep the outcome. None while another one runs."""
    if not _query("SELECT pg_try_advisory_lock(%s)"):
        return None
    try:
        return _check(at)
    finally:
        _query("SELECT pg_advisory_unlock(%s)")


def _query(sql: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [_LOCK])
        return bool(cursor.fetchone()[0])


def _check(at: datetime) -> ColumnCheck:
    candidates = differences()
    found = [one for one in islice(candidates, NAMED) if _still(one)]
    differing = len(found) + sum(1 for _ in candidates)
    for subject, columns in found:
        logger.error("columns_differ", subject=str(subject), columns=columns)
    if differing:
        logger.error("columns_differ_in_all", subjects=differing)
        FOUND.inc(differing)
    DIFFERING.set(differing)
    return ColumnCheck.objects.create(
        started_at=at,
        finished_at=max(at, now()),
        differing=differing,
        found=[[str(subject), columns] for subject, columns in found],
    )


def _still(difference: Difference) -> bool:
    """Whether it differs under the lock too: what was written meanwhile is no difference."""
    patient, _columns = difference
    if not Patient.objects.filter(pk=patient).exists():
        return True
    with transaction.atomic():
        by_id(patient)()
        return differs(patient)
