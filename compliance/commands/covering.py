"""Who covers for a prescriber, and who acts in their own name."""

from uuid import UUID

from ledger.actor import Actor
from patients.models import Delegate, Prescriber


def covers_for(prescriber: UUID | None, delegate: UUID) -> bool:
    """Whether that one covers for the prescriber now."""
    return Delegate.objects.filter(prescriber=prescriber, delegate=delegate, ended_at=None).exists()


def is_own_prescriber(by: Actor) -> bool:
    """Whether that is the prescriber themselves for whom they act, and nobody who covers."""
    own = by.acting_for
    return own is not None and Prescriber.objects.filter(pk=own, user=by.account).exists()
