"""The worker's part of the reminders."""

from celery import shared_task

from compliance.commands import checkpoints
from ledger.clock import now

from . import sweep as sweeping


@shared_task(name="notifications.tasks.sweep")
def sweep() -> int:
    """Bring up to date whatever is due now."""
    return sweeping.sweep(at=now())


@shared_task(name="notifications.tasks.checkpoint")
def checkpoint() -> int:
    """Make this hour's checkpoint and hand it out; its number."""
    return checkpoints.publish(at=now()).number
