"""`manage.py add_officer EMAIL NAME`: the first two officers of an installation. They add the others, together."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.urls import reverse

from accounts.events import note
from accounts.models import User
from accounts.roles import OFFICER
from accounts.set_password_link import make_token
from ledger.actor import SYSTEM
from ledger.clock import now

#: So many officers an operator can make: from then on two officers add another.
FIRST = 2


class Command(BaseCommand):
    """Makes the account, and prints the link by which its owner chooses the password. The link works once."""

    help = __doc__ or ""

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        user = _add(email.strip().lower(), " ".join(name.split()))
        link = f"{settings.SITE_URL}{reverse('public:set_password', kwargs={'token': make_token(user)})}"
        self.stdout.write(link)
        self.stderr.write("Hand this link to its owner alone. It works once. A second factor is set up at sign-in.")


def _add(email: str, name: str) -> User:
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError("This is no e-mail address.") from None
    if not name:
        raise CommandError("Name the officer: the name stands beside what they decide.")
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two commands at once would each see the other's place as free.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.add_officer'))")
        if User.objects.filter(opened_as=OFFICER).count() >= FIRST:
            raise CommandError("There are two officers. They add others together, on the page “Accounts”.")
        if User.objects.filter(email=email).exists():
            # The operator has the database before them: they learn nothing by it.
            raise CommandError("This address has an account.")
        user = User.objects.invite(email=email, name=name, role=OFFICER)
        note(user.pk, "account_opened", by=SYSTEM, at=now(), data={"role": OFFICER})
    return user
