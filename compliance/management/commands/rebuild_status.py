"""Make every column that is a projection anew from the log, or compare with `--check`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import outbox
from compliance.commands.rebuild import rebuild
from compliance.records.rebuild import differences
from ledger.clock import now
from patients.models import Patient


class Command(BaseCommand):
    """Rebuilds; with `--check` changes nothing, and exits 1 naming each subject and the columns that differ."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        with outbox.without_notifying():
            done = rebuild(now())
        self.stdout.write(f"{done} statuses rebuilt")

    def _check(self) -> None:
        differing = 0
        for subject, columns in differences():
            differing += 1
            kind = "patient" if Patient.objects.filter(pk=subject).exists() else "practice or pharmacy"
            self.stderr.write(f"{kind} {subject}: {columns}")
        self.stdout.write(f"{differing} statuses differ")
        if differing:
            raise CommandError("statuses differ from the log; rebuild them", returncode=1)
