"""Check the record log: every chain, and whether the program could have written what it says."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from compliance.verification.check import problems, problems_in_processes, resumed
from compliance.verification.resume import CannotResume
from ledger.clock import now
from ledger.verify import Problem, count


class Command(BaseCommand):
    """Exits 1 when anything is wrong, with a line for each problem."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--rules", action="store_true",
            help="judge each authorization, hand-over and entry anew, by the rules and on what stood before it",
        )  # fmt: skip
        parser.add_argument(
            "--processes", type=int, default=1, help="check the logs in so many processes, and show how far they are"
        )

        parser.add_argument(
            "--resume", type=Path, metavar="FILE",
            help="keep in this file how far the check is, and go on where it stopped; the file goes at the end",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        _connect()
        at, processes = now(), options["processes"]
        check: Callable[..., Iterator[Problem]] = problems
        if options["resume"] is not None:
            check = partial(resumed, processes, options["resume"])
        elif processes > 1 or sys.stderr.isatty():
            check = partial(problems_in_processes, processes)
        try:
            for problem in check(at=at, rules=options["rules"]):
                found += 1
                self.stderr.write(f"{problem.subject_kind} {problem.subject}, record {problem.number}: {problem.what}")
        except CannotResume as why:
            raise CommandError(f"{why}. Remove the file to check everything.") from None
        _connect()
        logs, records = count()
        self.stdout.write(f"{logs} logs, {records} records, {found} problems")
        if found:
            raise CommandError("the log is not as it was written", returncode=1)


def _connect() -> None:
    """A new connection, without a limit on a statement: all of the log takes longer than a page may.

    While other processes check, the one there was does nothing, perhaps for hours: it may have been dropped as idle,
    by PostgreSQL or by a firewall, which says nothing.
    """
    if not connection.in_atomic_block:
        connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
