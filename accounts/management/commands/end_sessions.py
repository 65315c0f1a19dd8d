"""`manage.py end_sessions ACCOUNT` or `--all`: whoever is signed in is signed out. For an operator, in an emergency."""

from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Ends sessions."""

    help = "End every session of one account (by its id), or of everybody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", nargs="?", type=UUID)
        parser.add_argument("--all", action="store_true", dest="everybody")

    def handle(self, *args: Any, account: UUID | None = None, everybody: bool = False, **options: Any) -> None:
        if everybody is (account is not None):
            raise CommandError("Say whose sessions end: the id of an account, or --all.")
        ended = [
            session.pk
            for session in Session.objects.iterator()
            if everybody or session.get_decoded().get(SESSION_KEY) == str(account)
        ]
        Session.objects.filter(pk__in=ended).delete()
        self.stdout.write(f"{len(ended)} sessions ended.")
