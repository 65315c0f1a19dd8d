"""The worker's part: deliver what is due."""

from celery import shared_task

from ledger.clock import now

from . import box, delivery, heartbeats
from .turns import TIME_LIMIT, turn


@shared_task(name="outbox.tasks.deliver", time_limit=TIME_LIMIT)
def deliver() -> int:
    """Deliver the messages that are due now."""
    with turn(heartbeats.DELIVER) as mine:
        if mine is None:
            return 0
        at = now()
        sent = delivery.deliver(at=at, turn=mine)
        if sent:
            heartbeats.beat(heartbeats.DELIVERED, at=at)
        more = mine.is_over()
    if more:
        box.queue(deliver)
    return sent
