"""Who gets a message: nobody whose account is closed, but who asks for a letter there and then (`registration`).

What is a prescriber's goes, while their account is closed, to the first of those who cover. Where nobody covers, it
goes to nobody: the program office has these patients on its list (`office:without_prescriber`).
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from patients.models import Guardian, Patient, Prescriber
from patients.who_acts import covering


def patient_email(patient: UUID | None) -> str:
    """Where a patient is written to; empty where nowhere."""
    row = Patient.objects.filter(pk=patient).select_related("user").first() if patient else None
    if row is None or (row.user is not None and not row.user.is_active):
        return ""
    return row.email


def guardian_email(patient: UUID | None, *, besides: Collection[UUID] = ()) -> str:
    """Where the first guardian is written to who has an open account, or none yet; empty where nowhere.

    `besides` are those whose part has ended.
    """
    open_or_none = Q(user=None) | Q(user__is_active=True)
    rows = Guardian.objects.filter(open_or_none, patient=patient).exclude(email="").exclude(pk__in=besides)
    rows = rows.order_by("id")
    return rows.values_list("email", flat=True).first() or ""


def practice_email(patient: UUID | None) -> str:
    """Where the patient's prescriber is written to, or, while that account is closed, who covers; empty where nowhere.

    A suspended prescriber is written to like any other: the account is open, and patients call there.
    """
    row = Patient.objects.select_related("prescriber__user").filter(pk=patient).first() if patient else None
    if row is None:
        return ""
    if row.prescriber.user.is_active:
        return row.prescriber.user.email
    first = covering(row.prescriber_id).first()
    return first.delegate.user.email if first is not None else ""


def open_prescriber(prescriber: str | UUID) -> Prescriber | None:
    """The prescriber, while their account is open."""
    return Prescriber.objects.select_related("user").filter(pk=prescriber, user__is_active=True).first()


def open_account(account: str | UUID) -> User | None:
    """The account, while it is open, once its owner has opened the link to it; None where it has no address either."""
    return User.objects.filter(pk=account, is_active=True, invited_email="").exclude(email="").first()
