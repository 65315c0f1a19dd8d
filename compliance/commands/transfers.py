"""Transfer of a patient to another prescriber: one offers it, the other accepts or declines."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import outbox
from accounts.roles import PRESCRIBER
from compliance.records.file import File
from compliance.rules.records import Record, TransferDeclined, Transferred
from ledger.actor import Actor
from ledger.idempotency import Request
from outbox.models import Message

from .decide import Locked, Outcome, by_id, decide

Then = Callable[[list[int]], None]


class NoTransferOffer(ValueError):
    """The patient is not offered to this prescriber (any more)."""


def accept(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Take the patient over. An open authorization becomes void. Raises NoOffer."""
    request = Request(action="accept-transfer", by=by, at=at, key=key, body={"patient": str(patient)})
    _answer(request, patient, Transferred(str(by.acting_for)), partial(_tell, patient, at))


def decline(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Leave the patient where they are. Raises NoOffer."""
    request = Request(action="decline-transfer", by=by, at=at, key=key, body={"patient": str(patient)})
    _answer(request, patient, TransferDeclined())


def _answer(request: Request, patient: UUID, record: Record, then: Then | None = None) -> None:
    work = _Answering(request.by, record, then)
    if decide(request, by_id(patient), work, relation=_is_prescriber)["codes"]:
        raise NoTransferOffer


@dataclass(frozen=True, slots=True)
class _Answering:
    """The answer to an offer, as it runs under the patient's lock."""

    by: Actor
    record: Record
    then: Then | None

    def __call__(self, file: File, now: datetime) -> Outcome:
        if self.by.acting_for is None or file.history(now).offered_to != str(self.by.acting_for):
            return Outcome(codes=("no-offer",))
        return Outcome(records=(self.record,), then=self.then)


def _is_prescriber(by: Actor, locked: Locked) -> bool:
    return by.role == PRESCRIBER


def _tell(patient: UUID, at: datetime, numbers: list[int]) -> None:
    """Tell the prescriber whose patient it was."""
    message = Message(key=f"handed-over:{patient}:{numbers[0]}", kind="handed-over", subject=patient, data={})
    message.due_at = at
    outbox.enqueue([message], at=at)
