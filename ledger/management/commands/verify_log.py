"""Check every chain of the record log; say which record of which subject is wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from ledger.verify import count, verify


class Command(BaseCommand):
    """Exits 1 when anything is wrong, with a line for each problem."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        problems = 0
        with connection.cursor() as cursor:
            # All of the log takes longer than a page may.
            cursor.execute("SET statement_timeout = 0")
        for problem in verify():
            problems += 1
            self.stderr.write(f"{problem.subject_kind} {problem.subject}, record {problem.number}: {problem.what}")
        logs, records = count()
        self.stdout.write(f"{logs} logs, {records} records, {problems} problems")
        if problems:
            raise CommandError("the log is not as it was written", returncode=1)
