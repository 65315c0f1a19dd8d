"""Who covers for a prescriber, and who acts in their own name."""

from uuid import UUID

from compliance.rules.history import History
from compliance.rules.records import EnteredBy, TransferOffered
from ledger.actor import Actor
from patients.models import Delegate, Prescriber


def covers_for(prescriber: UUID | None, delegate: UUID) -> bool:
    """Whether that one covers for the prescriber now."""
    return Delegate.objects.filter(prescriber=prescriber, delegate=delegate, ended_at=None).exists()


def last_offer(history: History) -> EnteredBy | None:
    """Who made the last offer; None where there was none, or in a history that never was in a log."""
    offers = history.of(TransferOffered)
    return offers[-1][0].by if offers else None


def is_own_prescriber(by: Actor) -> bool:
    """Whether that is the prescriber themselves for whom they act, and nobody who covers."""
    own = by.acting_for
    return own is not None and Prescriber.objects.filter(pk=own, user=by.account).exists()
