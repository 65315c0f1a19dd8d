"""Fill an empty database with the demo's people and histories, and print who can sign in."""

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

import outbox
from accounts.models import User
from accounts.roles import STAFF
from compliance.commands import checkpoints
from compliance.commands.figures import count_days
from devtools.demo import hours
from devtools.demo.cases import open_cases
from devtools.demo.codes import secret_of
from devtools.demo.patient_factory import PatientFactory
from devtools.demo.people import PASSWORD, staff
from devtools.demo.second_factors import activate_app, activate_recovery_codes
from devtools.demo.stories import ONE_OF_EACH, PLOTS, Plot, tell
from devtools.demo.surveys import answer_surveys
from devtools.demo.texts import choose_texts
from ledger.clock import now
from notifications.sweep import sweep

#: Of these plots the first patient gets a password, so that one can look at the patient's side of it.
SHOWN = (
    "consent",
    "minor",
    "lead-in",
    "month",
    "closing",
    "ready",
    "between",
    "stopped",
    "followed-up",
    "cannot-ready",
)
#: Of those, who chose text messages, and whether e-mails too.
TEXTED = {"month": False, "closing": True}


class Command(BaseCommand):
    """Seeds once; a database that has people is left as it is."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--one-of-each", action="store_true", help="One patient of each story, for tests.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMBEDDED_FOLDER is None and not settings.DEMO:
            raise CommandError("The demo's people all have the same password: never beside real ones.")
        with outbox.without_notifying():
            if not User.objects.exists():
                self._seed(ONE_OF_EACH if options["one_of_each"] else PLOTS)
        self._print()

    def _seed(self, plots: tuple[Plot, ...]) -> None:
        at = now()
        with transaction.atomic():
            people = staff(at - timedelta(days=300))
            for user in User.objects.filter(opened_as__in=STAFF):
                activate_app(user, secret_of(user.email))
                activate_recovery_codes(user)
        shown: set[str] = set()
        with transaction.atomic():
            for plot, factory in tell(people, at, plots):
                if plot.name in SHOWN and plot.name not in shown:
                    shown.add(plot.name)
                    self._open_account(plot, factory)
                    if plot.name in TEXTED:
                        choose_texts(factory, and_emails=TEXTED[plot.name], at=at)
        # Since their last record time has passed for many of them.
        sweep(at=at)
        hours.settle(at)
        if plots is PLOTS:
            open_cases(people, at)
            answer_surveys(at)
            # The worker does both once an hour; the demo's figures, and its assessment, are there at once.
            count_days(at=at)
            checkpoints.publish(at=at)

    def _open_account(self, plot: Plot, factory: PatientFactory) -> None:
        """A known address and the demo's password for this patient, and for the guardian."""
        rows = User.objects.filter(pk__in=[actor.account for actor in (factory.me, factory.guardian) if actor])
        for user in rows:
            user.email = f"{user.role}-{plot.name}@demo.invalid"
            user.set_password(PASSWORD)
            user.save()

    def _print(self) -> None:
        rows = [user for user in User.objects.order_by("opened_as", "email") if user.has_usable_password()]
        self.stdout.write("\nSign in with one of these, password: " + PASSWORD)
        for user in rows:
            self.stdout.write(f"  {user.role:<11} {user.email:<36} {self._codes(user)}".rstrip())
        self.stdout.write("\nStaff need a second factor: bin/demo --code ADDRESS prints the one of this minute.")

    def _codes(self, user: User) -> str:
        """For staff, two recovery codes, each good once."""
        kept = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
        return "or a recovery code: " + ", ".join(kept.wrap().get_unused_codes()[:2]) if kept else ""
