"""Make every patient's status and authorizations anew from the log, or compare with `--check`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import outbox
from compliance.commands.refresh import refresh_status
from compliance.records.rebuild import differences
from ledger.clock import now
from patients.models import Patient


class Command(BaseCommand):
    """Rebuilds; with `--check` changes nothing, and exits 1 naming each patient whose status differs."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        at, done = now(), 0
        with outbox.without_notifying():
            for patient in Patient.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=1000):
                done += refresh_status(patient, at, whole=True)
        self.stdout.write(f"{done} statuses rebuilt")

    def _check(self) -> None:
        differing = 0
        for patient, columns in differences():
            differing += 1
            self.stderr.write(f"patient {patient}: {columns}")
        self.stdout.write(f"{differing} statuses differ")
        if differing:
            raise CommandError("statuses differ from the log; rebuild them", returncode=1)
