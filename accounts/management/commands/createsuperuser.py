"""`manage.py createsuperuser`: there are none here."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.management.base import CommandError


class Command(createsuperuser.Command):
    """Says what to do instead: nobody may do everything. Officers decide, two together where it matters."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse, whatever was given."""
        raise CommandError("There are no superusers here. Make the first officers with “manage.py add_officer”.")
