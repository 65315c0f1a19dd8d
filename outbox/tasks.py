"""The worker's part: deliver what is due."""

from celery import shared_task

from ledger.clock import now

from . import box, delivery
from .turns import turn


@shared_task(name="outbox.tasks.deliver")
def deliver() -> int:
    """Deliver the messages that are due now."""
    with turn("deliver") as mine:
        if mine is None:
            return 0
        sent = delivery.deliver(at=now(), turn=mine)
        more = mine.is_over()
    if more:
        box.queue(deliver)
    return sent
