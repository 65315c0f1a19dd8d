"""The scheduled comparison of columns with the log: an alarm where they differ, and a row that the office sees."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction

from compliance.models import ColumnCheck
from compliance.records import places
from compliance.records.rebuild import PAGE, Difference, differs, pages
from outbox.turns import Turn
from patients.models import Patient

from .decide import by_id
from .officers import tell_officers

logger = structlog.get_logger(__name__)

#: So many subjects of one check are named.
NAMED = 100

#: One that was not finished for so long is left, and begun anew.
GIVEN_UP = timedelta(hours=1)


def check_columns(*, at: datetime, turn: Turn) -> ColumnCheck | None:
    """Go on with the comparison until the turn is over, and raise an alarm for what differs. None until all is done."""
    check = ColumnCheck.objects.filter(finished_at=None, started_at__gt=at - GIVEN_UP).order_by("-started_at").first()
    check = check or ColumnCheck.objects.create(started_at=at)
    for last, found in pages(check.compared_up_to, PAGE):
        _note(check, found)
        check.compared_up_to = last
        check.save()
        if turn.is_over():
            return None
    _note(check, places.differences(PAGE))
    check.finished_at = max(at, check.started_at)
    check.save()
    if check.differing:
        logger.error("columns_differ_in_all", subjects=check.differing)
        tell_officers("columns-differ", f"{at:%Y-%m-%d}", at=at)
    return check


def _note(check: ColumnCheck, candidates: Iterable[Difference]) -> None:
    for subject, columns in candidates:
        if len(check.found) < NAMED:
            if not _still(subject):
                continue
            logger.error("columns_differ", subject=str(subject), columns=columns)
            check.found.append([str(subject), columns])
        check.differing += 1


def _still(subject: UUID) -> bool:
    """Whether it differs under the lock too: what was written meanwhile is no difference."""
    with transaction.atomic():
        if Patient.objects.filter(pk=subject).exists():
            by_id(subject)()
        else:
            _lock_place(subject)
        return differs(subject)


def _lock_place(subject: UUID) -> None:
    with connection.cursor() as cursor:
        for table in ("patients_prescriber", "patients_pharmacy"):
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR NO KEY UPDATE", [subject])
