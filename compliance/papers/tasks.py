"""The worker's part of the papers."""

from celery import shared_task

from ledger.clock import now

from . import make as making


@shared_task(name="compliance.papers.tasks.make")
def make() -> int:
    """Make what waits."""
    return making.make_due(at=now())
