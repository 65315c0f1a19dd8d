"""Whether the worker does its work: for the health check of its container, and for a timer beside it that tells the
office."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.clock import now
from notifications import silence
from notifications.worker_health import heart_stops


class Command(BaseCommand):
    """Exit code 1, and a sentence, for each of the worker's regular tasks that left no heartbeat."""

    help = "Whether each of the worker's regular tasks left its heartbeat. Exits 1 where one did not."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether the office is told."""
        parser.add_argument(
            "--mail", action="store_true", help="Also tell each officer, once for each silence, without the worker."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask the heartbeats alone: what waits, or a mail server that is down, no restart of a worker mends."""
        found = silence.tell(at=now()) if options["mail"] else heart_stops(now())
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            sys.exit(1)
