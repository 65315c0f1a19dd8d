"""The person who is signed in, as one who acts."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.roles import DESIGNEE, PATIENT, PHARMACIST, PRESCRIBER
from ledger.actor import Actor

from .models import Designee, Patient, Pharmacist, Pharmacy, Prescriber


def actor_of(user: User) -> Actor:
    """The actor that this person is: role, and for whom they act. One query for those who act for somebody."""
    return Actor(user.id, user.role, _acting_for(user))


def program_code(user: User) -> str | None:
    """The program for which the practice or the pharmacy of this person is certified; None where they have neither."""
    programs = Pharmacy.objects if user.role == PHARMACIST else Prescriber.objects
    own = Q(pharmacists__user=user) if user.role == PHARMACIST else Q(user=user) | Q(designees__user=user)
    return programs.filter(own).values_list("program", flat=True).first()


def in_charge(pharmacy: Pharmacy | UUID) -> Pharmacist | None:
    """Who is in charge at a pharmacy: of the accounts that are open, the oldest, which is that of who registered it."""
    rows = Pharmacist.objects.select_related("user").filter(pharmacy=pharmacy, user__is_active=True)
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


def _acting_for(user: User) -> UUID | None:
    if user.role == PRESCRIBER:
        return Prescriber.objects.values_list("id", flat=True).filter(user=user).first()
    if user.role == DESIGNEE:
        return Designee.objects.values_list("prescriber_id", flat=True).filter(user=user).first()
    if user.role == PHARMACIST:
        return Pharmacist.objects.values_list("pharmacy_id", flat=True).filter(user=user).first()
    if user.role == PATIENT:
        return Patient.objects.values_list("id", flat=True).filter(user=user).first()
    return None
