"""The person who is signed in, as one who acts."""

from uuid import UUID

from django.db.models import F, QuerySet

from accounts.models import User
from ledger.actor import Actor

from .models import Designee, Pharmacist, Pharmacy


def actor_of(user: User) -> Actor:
    """The actor that this person is: the role of the place in which they act, and for whom. One query a request."""
    place = user.place
    return Actor(user.pk, user.role, place.acting_for if place else None)


def in_charge(pharmacy: Pharmacy | UUID) -> Pharmacist | None:
    """Who is in charge at a pharmacy: of the accounts that are open, the oldest, which is that of who registered it.

    Not somebody who was added and has not opened the link yet.
    """
    rows = Pharmacist.objects.select_related("user").filter(
        pharmacy=pharmacy, ended_at=None, user__is_active=True, user__invited_email=""
    )
    return rows.order_by("user__created_at", "id").first()


def those_of[Row: (Designee, Pharmacist)](rows: QuerySet[Row]) -> QuerySet[Row]:
    """A practice's or a pharmacy's people, those who work there first."""
    return rows.select_related("user").order_by(
        F("ended_at").asc(nulls_first=True), "-user__is_active", "user__name", "id"
    )
