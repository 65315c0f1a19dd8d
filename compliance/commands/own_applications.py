"""Whose application it is: nobody approves what they registered themselves, with whatever account."""

from uuid import UUID

from accounts.models import User
from ledger.models import LogRecord
from patients.models import Prescriber
from patients.people import in_charge

#: The record with which the account of somebody who registered begins. It names the officers of that browser.
REGISTERED = "account_registered"


def is_own_application(kind: str, subject: UUID, officer: UUID) -> bool:
    """Whether that officer registered it: from the officer's browser, or in the officer's name."""
    account = _applicant(kind, subject)
    if account is None:
        return False
    names = dict(User.objects.filter(pk__in=[account, officer]).values_list("pk", "name"))
    if _plain(names.get(account, "")) == _plain(names.get(officer, "")):
        return True
    rows = LogRecord.objects.filter(subject_kind="account", subject=account, kind=REGISTERED)
    return any(str(officer) in data.get("officers", ()) for data in rows.values_list("data", flat=True))


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _applicant(kind: str, subject: UUID) -> UUID | None:
    """The account that registered it."""
    if kind == "prescriber":
        return Prescriber.objects.filter(pk=subject).values_list("user", flat=True).first()
    first = in_charge(subject)
    return first.user_id if first else None
