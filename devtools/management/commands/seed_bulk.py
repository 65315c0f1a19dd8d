"""Add very many patients, each with a log of 8 to 25 records, for a look at what grows with their number."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from devtools.bench.bulk import seed_many
from ledger.clock import now


class Command(BaseCommand):
    """Adds to those that are there."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--patients", type=int, default=10_000)
        parser.add_argument("--processes", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMBEDDED_FOLDER is None and not settings.DEMO:
            raise CommandError("Patients who are nobody: never beside real ones.")
        seconds = seed_many(options["patients"], now(), processes=options["processes"])
        rate = options["patients"] / seconds
        self.stdout.write(f"{options['patients']:,} patients in {seconds:.0f} s, {rate:,.0f} a second")
