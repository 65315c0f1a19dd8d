"""The worker's part of the signed PDFs."""

from celery import shared_task

from ledger.clock import now

from . import queue as making


@shared_task(name="compliance.signing.pdf.tasks.make")
def make() -> int:
    """Make what waits."""
    return making.process_due_jobs(at=now())
