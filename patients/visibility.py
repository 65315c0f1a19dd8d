"""What a person may see. Every list of patients starts here."""

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PRESCRIBER

from .models import Patient


def visible_patients(user: User) -> QuerySet[Patient]:
    """The patients whom this person may see; a pharmacist none: the counter looks one up by number and birth date."""
    rules = {
        PRESCRIBER: Q(prescriber__user=user),
        DESIGNEE: Q(prescriber__designees__user=user),
        PATIENT: Q(user=user),
        GUARDIAN: Q(guardians__user=user),
        OFFICER: Q(),
    }
    if not user.is_active or user.role not in rules:
        return Patient.objects.none()
    return Patient.objects.filter(rules[user.role])
