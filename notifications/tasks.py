"""The worker's part of the reminders."""

from celery import shared_task

from compliance.commands import checkpoints
from compliance.commands.column_check import check_columns as check
from ledger.clock import now
from outbox.box import queue
from outbox.heartbeats import COLUMN_CHECK, MINUTE_CHECKPOINT, SWEEP
from outbox.turns import TIME_LIMIT, turn

from . import places
from . import sweep as sweeping


@shared_task(name="notifications.tasks.sweep", time_limit=TIME_LIMIT)
def sweep() -> int:
    """Bring up to date whatever is due now."""
    with turn(SWEEP) as mine:
        if mine is None:
            return 0
        done = sweeping.sweep(at=now(), turn=mine)
        more = mine.is_over()
    if more:
        queue(sweep)
    return done


@shared_task(name="notifications.tasks.places")
def tell_places() -> int:
    """Enqueue what is due about practices and pharmacies; how many messages are new."""
    return places.tell(at=now())


@shared_task(name="notifications.tasks.checkpoint")
def checkpoint() -> int:
    """Make this hour's checkpoint and hand it out; its number."""
    return checkpoints.publish(at=now()).number


@shared_task(name="notifications.tasks.minute_checkpoint", time_limit=TIME_LIMIT)
def minute_checkpoint() -> int | None:
    """Sign what was written since the last checkpoint; its number, None where nothing was."""
    with turn(MINUTE_CHECKPOINT) as mine:
        return checkpoints.publish_minute(at=now()) if mine is not None else None


@shared_task(name="notifications.tasks.check_columns", time_limit=TIME_LIMIT)
def check_columns() -> int:
    """Compare all columns that are projections with the log; how many subjects differ, of those compared so far."""
    with turn(COLUMN_CHECK) as mine:
        if mine is None:
            return 0
        done = check(at=now(), turn=mine)
    if done is None:
        queue(check_columns)
        return 0
    return done.differing
