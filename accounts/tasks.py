"""The worker's part of the rate limits: remove the counts whose time is over."""

from celery import shared_task

from outbox.box import queue
from outbox.heartbeats import RATE_LIMITS
from outbox.turns import TIME_LIMIT, turn

from .rate_limit_store import remove_expired

#: Removed by one statement, which is a transaction of its own.
BATCH = 5000


@shared_task(name="accounts.tasks.remove_expired_counts", time_limit=TIME_LIMIT, expires=60)
def remove_expired_counts() -> int:
    """Remove what has expired, or a part of it; how many counts were removed."""
    removed, more = 0, True
    with turn(RATE_LIMITS) as mine:
        if mine is None:
            return 0
        while more and not mine.is_over():
            batch = remove_expired(BATCH)
            removed, more = removed + batch, batch == BATCH
    if more:
        queue(remove_expired_counts)
    return removed
