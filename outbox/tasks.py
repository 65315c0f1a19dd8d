"""The worker's part: deliver what is due."""

from celery import shared_task

from ledger.clock import now

from . import box


@shared_task(name="outbox.tasks.deliver")
def deliver() -> int:
    """Deliver the messages that are due now."""
    return box.deliver(at=now())
