"""The number to which text messages to somebody go: one that its owner confirmed, while there is a gateway.

To a patient and a guardian they go while the file has that very number: who gave it up told the practice, perhaps.
"""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from accounts.models import TextNumber, User
from patients.models import Guardian, Patient


def number_of(account: UUID | None, of_file: str | None = None) -> str:
    """The number that the owner of an account confirmed; empty where none reaches them, or the file has another."""
    if not settings.SMS_GATEWAY or account is None:
        return ""
    number = TextNumber.objects.filter(user=account).values_list("number", flat=True).first() or ""
    return number if of_file is None or of_file == number else ""


def number_in_file(user: User, rows: type[Patient] | type[Guardian]) -> str:
    """The same for somebody who stands in files: where one of them has that number."""
    number = number_of(user.pk)
    return number if number and rows.objects.filter(user=user, phone=number).exists() else ""


def are_reached(rows: Sequence[Patient | Guardian]) -> frozenset[UUID]:
    """Those of the rows whom text messages reach, by their ids. One query."""
    if not settings.SMS_GATEWAY:
        return frozenset()
    accounts = [row.user_id for row in rows if row.user_id and row.phone]
    known = dict(TextNumber.objects.filter(user__in=accounts).values_list("user_id", "number")) if accounts else {}
    return frozenset(row.pk for row in rows if row.user_id and row.phone and known.get(row.user_id) == row.phone)
