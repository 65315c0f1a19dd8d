"""Count the figures of all months anew from the records, or compare them with `--check`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.commands.figures import differences, rebuild
from ledger.clock import now


class Command(BaseCommand):
    """Rebuilds; with `--check` changes nothing, and exits 1 naming each number that differs."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(f"{rebuild(at=now())} days counted")
            return
        differing = 0
        for (month, figure, place), stands, counted in differences():
            differing += 1
            self.stderr.write(f"{month:%Y-%m} {figure} {place or 'program'}: {stands}, by the records {counted}")
        self.stdout.write(f"{differing} figures differ")
        if differing:
            raise CommandError("figures differ from the records; rebuild them", returncode=1)
