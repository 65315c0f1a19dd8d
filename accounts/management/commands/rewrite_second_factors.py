"""`manage.py rewrite_second_factors`: after a new SECRET_KEY, so that the one before can be forgotten."""

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.adapter import SecondFactor

#: Where each kind keeps what is encrypted. A passkey has only what is public.
_SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


class Command(BaseCommand):
    """Encrypts the secrets of authenticator apps and recovery codes anew, by the present key."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        written = unreadable = 0
        for pk in Authenticator.objects.filter(type__in=_SECRETS).values_list("pk", flat=True):
            try:
                written += _rewrite(pk)
            except InvalidToken:
                unreadable += 1
        self.stdout.write(f"{written} written anew.")
        if unreadable:
            raise CommandError(f"{unreadable} cannot be read by any key that is known.")


def _rewrite(pk: int) -> bool:
    """Write one anew under its lock: it may be used, or removed, at this moment."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            return False
        name, box = _SECRETS[row.type], SecondFactor()
        row.data[name] = box.encrypt(box.decrypt(row.data[name]))
        row.save(update_fields=["data"])
        return True
