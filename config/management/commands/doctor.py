"""Says in words what is wrong with this installation, and what to do about it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.doctor import examine


class Command(BaseCommand):
    """A line a check; exit code 1 where anything is wrong."""

    help = "What is wrong with this installation, and what to do. Exits 1 where anything is."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Run every check."""
        is_wrong = False
        for name, faults in examine():
            if faults is None:
                self.stdout.write(f"{name}: not asked: first mend what is said above.")
                continue
            if not faults:
                self.stdout.write(f"{name}: well.")
            for fault in faults:
                is_wrong = True
                self.stdout.write(f"{name}: {fault.sentence}\n  What to do: {fault.remedy}")
        if is_wrong:
            sys.exit(1)
