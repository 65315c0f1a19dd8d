"""A patient goes to another prescriber: offered by the one, accepted or declined by the other."""

from datetime import datetime
from uuid import UUID

import outbox
from accounts.roles import PRESCRIBER
from compliance.projection.file import File
from compliance.rules.records import Record, TransferDeclined, Transferred
from ledger.actor import Actor
from outbox.models import Message

from .decide import Locked, Outcome, Request, by_id, decide


class NoOffer(ValueError):
    """The patient is not offered to this prescriber (any more)."""


def accept(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Take the patient over. An open authorization becomes void. Raises NoOffer."""

    def tell(numbers: list[int]) -> None:
        message = Message(key=f"handed-over:{patient}:{numbers[0]}", kind="handed-over", subject=patient, data={})
        message.due_at = at
        outbox.lay([message], at=at)

    _answer("accept-transfer", Transferred(str(by.acting_for)), patient, by, at, key, tell)


def decline(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Leave the patient where they are. Raises NoOffer."""
    _answer("decline-transfer", TransferDeclined(), patient, by, at, key, lambda _numbers: None)


def _answer(action: str, record: Record, patient: UUID, by: Actor, at: datetime, key: UUID, then: object) -> None:
    def work(file: File, now: datetime) -> Outcome:
        if by.acting_for is None or file.history(now).offered_to != str(by.acting_for):
            return Outcome(codes=("no-offer",))
        return Outcome(records=(record,), then=then)  # type: ignore[arg-type]

    def is_prescriber(who: Actor, locked: Locked) -> bool:
        return who.role == PRESCRIBER

    request = Request(action=action, by=by, at=at, key=key, body={"patient": str(patient)})
    if decide(request, by_id(patient), work, relation=is_prescriber)["codes"]:
        raise NoOffer
