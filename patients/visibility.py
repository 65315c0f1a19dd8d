"""Access control of patients: which patients an account may see, in the place in which it acts. Every list of patients
starts here."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.places import Place
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PRESCRIBER

from .models import APPROVED, Delegate, Patient


def delegating_prescribers(place: Place) -> QuerySet[Delegate, Any]:
    """The prescribers, by id, whose delegate this one is now; none while the office has suspended the delegate."""
    return Delegate.objects.filter(delegate=place.id, delegate__state=APPROVED, ended_at=None).values("prescriber")


def visible_patients(user: User) -> QuerySet[Patient]:
    """The patients that this account may see where it acts now: those of its other places are none of them.

    A pharmacist sees none; the counter takes number and birth date. Nobody sees their own file, or that of whom they
    stand beside, from the other side.
    """
    place = user.place
    if not user.is_active or place is None:
        return Patient.objects.none()
    rules: dict[str, Callable[[], Q]] = {
        PRESCRIBER: lambda: Q(prescriber=place.id) | Q(prescriber__in=delegating_prescribers(place)),
        DESIGNEE: lambda: Q(prescriber=place.id),
        PATIENT: lambda: Q(pk=place.id),
        GUARDIAN: lambda: Q(guardians__user=user),
        OFFICER: Q,
    }
    if place.role not in rules:
        return Patient.objects.none()
    seen = Patient.objects.filter(rules[place.role]())
    if place.role in (PRESCRIBER, DESIGNEE) and is_on_both_sides(user):
        seen = seen.exclude(user=user).exclude(guardians__user=user)
    return seen


def is_on_both_sides(user: User) -> bool:
    """Whether the account holds a place of a patient or a guardian, besides whatever else it holds."""
    return any(place.role in (PATIENT, GUARDIAN) for place in user.places)
