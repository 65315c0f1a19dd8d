"""The sweep: refreshes due patient statuses and enqueues due notices, in batches, under the patients' locks.

Several of them at once share the work, and do no harm. It also empties the enrolments that were turned down 30 days
ago.
"""

import time
from collections import Counter as Tally
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection
from prometheus_client import Counter

import outbox
from compliance.commands.forgetting import forget_turned_down
from compliance.commands.refresh import (
    FIRST,
    Batch,
    BatchRefused,
    Place,
    mark_assessed_ahead,
    mark_outdated,
    put_off,
    refresh_due,
    refresh_status,
)
from compliance.records.programs import PROGRAMS
from compliance.records.status import editions_of
from outbox.turns import Turn

log = structlog.get_logger(__name__)

SWEEP_FAILED = Counter("clearfill_sweep_failures_total", "Patients whose status could not be refreshed")

#: So many patients are locked at a time. Who decides about one of them waits for all of the batch.
BATCH = 50

#: After each batch a sweep leaves the processors to the counter for this share of the time that the batch took, and for
#: so many seconds at most: what the counter notices less. How long a day of a million then takes: docs/performance.md.
REST = 0.35
LONGEST_REST = 0.1

#: So many statuses are marked at a time after a release with other editions, or after a clock ran ahead.
MARKED = 2000


def sweep(*, at: datetime, batch: int = BATCH, turn: Turn | None = None) -> int:
    """Refresh every status that is due at `at`, until the turn is over; how many were.

    A patient who cannot be refreshed keeps nobody else waiting, and is tried again after a pause that grows.
    """
    forget_turned_down(at=at)
    _mark_after_release(at, turn)
    mark_assessed_ahead(at, limit=MARKED)
    done, last = 0, FIRST
    with outbox.without_notifying():
        while not _is_over(turn):
            begun = time.monotonic()
            found = _refreshed(at, last, batch)
            done += found.refreshed
            if found.last is None:
                break
            last = found.last
            time.sleep(min(REST * (time.monotonic() - begun), LONGEST_REST))
    if done:
        outbox.notify_worker_if_allowed()
    return done


def _is_over(turn: Turn | None) -> bool:
    return turn is not None and turn.is_over()


def _mark_after_release(at: datetime, turn: Turn | None) -> None:
    """A release with other editions makes every status of that program due."""
    for program in PROGRAMS.values():
        while mark_outdated(program.code, editions_of(program), at, limit=MARKED) and not _is_over(turn):
            pass


def _refreshed(at: datetime, after: Place, limit: int) -> Batch:
    """Refresh a batch; and one by one what the database refused to take together."""
    try:
        found = refresh_due(at, after=after, limit=limit)
    except BatchRefused as refused:
        _ensure_connected(refused.error)
        found = _one_by_one(refused, at)
    _note_failures(found.failed, at)
    return found


def _one_by_one(refused: BatchRefused, at: datetime) -> Batch:
    failed: dict[UUID, str] = {}
    for patient in refused.patients:
        try:
            refresh_status(patient, at)
        except Exception as error:
            _ensure_connected(error)
            failed[patient] = type(error).__name__
    return Batch(last=refused.last, refreshed=len(refused.patients) - len(failed), failed=failed)


def _ensure_connected(error: Exception) -> None:
    """Raise what a lost connection raised: nobody else can be refreshed."""
    if not connection.is_usable():
        raise error


def _note_failures(failed: Mapping[UUID, str], at: datetime) -> None:
    put_off(failed, at)
    for kind, count in Tally(failed.values()).items():
        SWEEP_FAILED.inc(count)
        log.error("sweep_failed", kind=kind, statuses=count)
