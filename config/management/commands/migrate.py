"""Migrate as the tables' owner, then give the application's role its rights and no more."""

from time import sleep
from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

from ledger.roles import grant_rights

#: Seconds between tries for a lock. Each try gives up after half a second, so that readers never queue behind it.
PAUSES = (0.5, 1, 2, 4, 8)


def _role(alias: str) -> str:
    return str(connections[alias].settings_dict["USER"])


class Command(migrate.Command):
    """As Django's, but through the alias `owner` unless another is named."""

    def add_arguments(self, parser: Any) -> None:
        """The same arguments; only the default database differs."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """As Django's, but without the owner's address it says so before it asks any database."""
        if _role("default") == _role("owner"):
            raise CommandError("DATABASE_OWNER_URL is not set: migrations need the owner's address.")
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then grant."""
        self._patiently(*args, **options)
        if options["database"] != "owner" or options.get("plan") or options.get("check_unapplied"):
            return
        with connections["owner"].cursor() as cursor:
            grant_rights(cursor, _role("default"))

    def _patiently(self, *args: Any, **options: Any) -> None:
        """Django's own; again from where it stood when somebody held a lock. Each migration is a transaction."""
        for pause in PAUSES:
            try:
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                self.stderr.write(f"A table is in use; trying again in {pause} s.")
                connections["owner"].close()
                sleep(pause)
        super().handle(*args, **options)
