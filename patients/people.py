"""The person who is signed in, as one who acts."""

from uuid import UUID

from accounts.models import User
from accounts.roles import DESIGNEE, PATIENT, PHARMACIST, PRESCRIBER
from ledger.actor import Actor

from .models import Designee, Patient, Pharmacist, Prescriber


def actor_of(user: User) -> Actor:
    """The actor that this person is: role, and for whom they act. One query for those who act for somebody."""
    return Actor(user.id, user.role, _acting_for(user))


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
