"""Make a checkpoint of all logs now, and hand it out: a file, and a mail to every officer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.commands.checkpoints import publish
from ledger.checkpoints import NotAsSigned
from ledger.clock import now


class Command(BaseCommand):
    """Prints its number, its root and the key that signed it."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            checkpoint = publish(at=now())
        except NotAsSigned as found:
            raise CommandError("\n".join(found.problems), returncode=1) from None
        self.stdout.write(
            f"checkpoint {checkpoint.number}: {checkpoint.leaves} logs, root {checkpoint.root}, key {checkpoint.key}"
        )
