"""The worker's part of the signed PDFs."""

from celery import shared_task

from ledger.clock import now
from outbox.box import queue
from outbox.heartbeats import SIGNED_PDFS
from outbox.turns import TIME_LIMIT, turn

from . import queue as making


@shared_task(name="compliance.signing.pdf.tasks.make", time_limit=TIME_LIMIT)
def make() -> int:
    """Make what waits."""
    with turn(SIGNED_PDFS) as mine:
        if mine is None:
            return 0
        done = making.process_due_jobs(at=now(), turn=mine)
        more = mine.is_over()
    if more:
        queue(make)
    return done
