"""Migrate as the tables' owner, then give the application's role its rights and no more."""

from typing import Any

from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connections

from ledger.roles import grant_rights


class Command(migrate.Command):
    """As Django's, but through the alias `owner` unless another is named."""

    def add_arguments(self, parser: Any) -> None:
        """The same arguments; only the default database differs."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then grant."""
        super().handle(*args, **options)
        if options["database"] != "owner" or options.get("plan") or options.get("check_unapplied"):
            return
        call_command("createcachetable", database="owner")
        with connections["owner"].cursor() as cursor:
            grant_rights(cursor, connections["default"].settings_dict["USER"])
