"""Whether the worker does its work, for the health check of its container."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from ledger.clock import now
from notifications.worker_health import heart_stops


class Command(BaseCommand):
    """Exit code 1, and a sentence, for each of the worker's regular tasks that left no heartbeat."""

    help = "Whether each of the worker's regular tasks left its heartbeat. Exits 1 where one did not."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask the heartbeats alone: what waits, or a mail server that is down, no restart of a worker mends."""
        found = heart_stops(now())
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            sys.exit(1)
