"""Who can act for the patients of a prescriber now: the prescriber, those who cover, or nobody.

A prescriber whose account is closed, or whom the office has suspended, cannot. Advice to call the prescriber would lead
nowhere then: it names who covers, or that another prescriber can be asked for.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import APPROVED, SUSPENDED, Delegate, Patient, Prescriber


@dataclass(frozen=True, slots=True)
class WhoActs:
    """Whether a prescriber can act, and, where they cannot, who covers."""

    is_closed: bool
    is_suspended: bool
    covering: tuple[Prescriber, ...] = ()

    @property
    def prescriber(self) -> bool:
        """Whether the prescriber can."""
        return not (self.is_closed or self.is_suspended)

    @property
    def anybody(self) -> bool:
        """Whether there is anybody."""
        return self.prescriber or bool(self.covering)


def who_acts(prescriber: Prescriber) -> WhoActs:
    """Who can act for that prescriber's patients. One query where the prescriber cannot."""
    closed, suspended = not prescriber.user.is_active, prescriber.state == SUSPENDED
    if not (closed or suspended):
        return WhoActs(is_closed=False, is_suspended=False)
    return WhoActs(closed, suspended, tuple(row.delegate for row in covering(prescriber.pk)))


def covering(*prescribers: UUID) -> QuerySet[Delegate, Any]:
    """Those who cover for a prescriber, or for any of several, and can act, who was named first first."""
    rows = Delegate.objects.filter(
        prescriber__in=prescribers, ended_at=None, delegate__state=APPROVED, delegate__user__is_active=True
    )
    return rows.select_related("delegate__user").order_by("named_at", "id")


def who_cannot_act() -> QuerySet[Prescriber, Any]:
    """The prescribers who have patients and cannot act for them themselves."""
    gone = Q(state=SUSPENDED) | Q(user__is_active=False)
    theirs = Patient.objects.filter(prescriber=OuterRef("pk"))
    return Prescriber.objects.filter(gone, Exists(theirs)).select_related("user")
