"""Access control of patients: which patients an account may see. Every list of patients starts here."""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PRESCRIBER

from .models import APPROVED, Delegate, Patient


def delegating_prescribers(user: User) -> QuerySet[Delegate, Any]:
    """The prescribers, by id, whose delegate this account is now; none while the office has suspended the delegate."""
    return Delegate.objects.filter(delegate__user=user, delegate__state=APPROVED, ended_at=None).values("prescriber")


def visible_patients(user: User) -> QuerySet[Patient]:
    """The patients that this account may see. A pharmacist sees none; the counter takes number and birth date."""
    rules = {
        PRESCRIBER: Q(prescriber__user=user) | Q(prescriber__in=delegating_prescribers(user)),
        DESIGNEE: Q(prescriber__designees__user=user),
        PATIENT: Q(user=user),
        GUARDIAN: Q(guardians__user=user),
        OFFICER: Q(),
    }
    if not user.is_active or user.role not in rules:
        return Patient.objects.none()
    return Patient.objects.filter(rules[user.role])
