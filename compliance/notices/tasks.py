"""The worker's part of the reminders."""

from celery import shared_task

from ledger.clock import now

from . import sweep as sweeping


@shared_task(name="compliance.notices.tasks.sweep")
def sweep() -> int:
    """Bring up to date whatever is due now."""
    return sweeping.sweep(at=now())
