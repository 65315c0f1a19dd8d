"""The worker's part of the reminders."""

from celery import shared_task

from ledger.clock import now

from . import checkpoints
from . import sweep as sweeping


@shared_task(name="compliance.notices.tasks.sweep")
def sweep() -> int:
    """Bring up to date whatever is due now."""
    return sweeping.sweep(at=now())


@shared_task(name="compliance.notices.tasks.checkpoint")
def checkpoint() -> int:
    """Make this hour's checkpoint and hand it out; its number."""
    return checkpoints.publish(at=now()).number
