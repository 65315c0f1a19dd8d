"""The person who is signed in, as one who acts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.roles import DESIGNEE, PATIENT, PHARMACIST, PRESCRIBER
from ledger.actor import Actor

from .models import Designee, Pharmacist, Pharmacy


@dataclass(frozen=True, slots=True)
class Place:
    """For whom somebody acts: a practice, a pharmacy, or, for a patient, their own file."""

    id: UUID
    #: `applied`, `approved` or `suspended`; empty for a patient.
    state: str
    program: str


_SELECT_PLACE: Mapping[str, str] = {
    PRESCRIBER: "SELECT id, state, program FROM patients_prescriber WHERE user_id = %s",
    DESIGNEE: "SELECT p.id, p.state, p.program FROM patients_prescriber p "
    "JOIN patients_designee d ON d.prescriber_id = p.id WHERE d.user_id = %s",
    PHARMACIST: "SELECT p.id, p.state, p.program FROM patients_pharmacy p "
    "JOIN patients_pharmacist d ON d.pharmacy_id = p.id WHERE d.user_id = %s",
    PATIENT: "SELECT id, '', program FROM patients_patient WHERE user_id = %s",
}


def place_of(user: User) -> Place | None:
    """For whom this person acts; None where it is for nobody else. One query a request: the user keeps it."""
    if user.role not in _SELECT_PLACE:
        return None
    if _PLACE not in user.__dict__:
        with connection.cursor() as cursor:
            cursor.execute(_SELECT_PLACE[user.role], [user.pk])
            row = cursor.fetchone()
        user.__dict__[_PLACE] = Place(*row) if row else None
    place: Place | None = user.__dict__[_PLACE]
    return place


#: Under this name a user, who is loaded anew with each request, keeps the place.
_PLACE = "_place"


def actor_of(user: User) -> Actor:
    """The actor that this person is: role, and for whom they act."""
    place = place_of(user)
    return Actor(user.id, user.role, place.id if place else None)


def in_charge(pharmacy: Pharmacy | UUID) -> Pharmacist | None:
    """Who is in charge at a pharmacy: of the accounts that are open, the oldest, which is that of who registered it.

    Not somebody who was added and has not opened the link yet.
    """
    rows = Pharmacist.objects.select_related("user").filter(
        pharmacy=pharmacy, user__is_active=True, user__invited_email=""
    )
    return rows.order_by("user__created_at", "id").first()


class ActingForMiddleware:
    """Middleware: a designee's pages say for whom they act. Looked up when a page shows it, and not before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, knowing for whom its reader acts."""
        request.acting_for_name = SimpleLazyObject(lambda: _name_acted_for(request.user))  # type: ignore[attr-defined]
        return self.get_response(request)


def _name_acted_for(user: object) -> str:
    if not isinstance(user, User) or user.role != DESIGNEE:
        return ""
    row = Designee.objects.filter(user=user).values_list("prescriber__user__name", flat=True).first()
    return row or ""
