"""The worker's part of the reminders."""

from celery import shared_task

from compliance.commands import checkpoints
from ledger.clock import now
from outbox.box import queue
from outbox.heartbeats import SWEEP
from outbox.turns import TIME_LIMIT, turn

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


@shared_task(name="notifications.tasks.checkpoint")
def checkpoint() -> int:
    """Make this hour's checkpoint and hand it out; its number."""
    return checkpoints.publish(at=now()).number
