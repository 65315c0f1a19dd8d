"""Transfer of a patient to another prescriber: one offers it, the other accepts or declines.

Covering never includes taking over: who covers offers a patient neither to themselves nor to another who covers. Of an
offer that is made in a prescriber's name, and of its end, that prescriber is told, and can take the patient back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import outbox
from accounts.roles import PRESCRIBER
from compliance.records.file import File
from compliance.rules.history import History
from compliance.rules.records import EnteredBy, Record, TransferDeclined, TransferOffered, Transferred
from ledger.actor import Actor
from ledger.idempotency import Request
from ledger.models import ErasableText
from outbox.models import Message

from .covering import covers_for, is_own_prescriber
from .decide import Locked, Outcome, by_id, decide
from .entries import enter

Then = Callable[[list[int]], None]

#: How long a prescriber can take back a patient who was handed over in their name.
TAKE_BACK = timedelta(days=14)


class NoTransferOffer(ValueError):
    """The patient is not offered to this prescriber (any more)."""


class NotTakenBack(ValueError):
    """The patient was not handed over in this prescriber's name, or too long ago, or has moved on since."""


def offer(
    *, patient: UUID, record: TransferOffered, by: Actor, at: datetime, key: UUID, texts: list[ErasableText]
) -> None:
    """Offer a patient to another prescriber. Raises EntryRefused, NotPermitted, KeyReused."""
    then = None if is_own_prescriber(by) else partial(_tell_owner, "offered-in-your-name", patient, by.acting_for, at)
    enter(patient=patient, records=[record], by=by, at=at, key=key, texts=texts, then=then)


def accept(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Take the patient over. An open authorization becomes void. Raises NoTransferOffer."""
    request = Request(action="accept-transfer", by=by, at=at, key=key, body={"patient": str(patient)})
    _answer(request, patient, Transferred(str(by.acting_for)))


def decline(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Leave the patient where they are. Raises NoTransferOffer."""
    request = Request(action="decline-transfer", by=by, at=at, key=key, body={"patient": str(patient)})
    _answer(request, patient, TransferDeclined())


def _answer(request: Request, patient: UUID, record: Record) -> None:
    if decide(request, by_id(patient), _Answering(request, record), relation=_is_prescriber)["codes"]:
        raise NoTransferOffer


@dataclass(frozen=True, slots=True)
class _Answering:
    """The answer to an offer, as it runs under the patient's lock."""

    request: Request
    record: Record

    def __call__(self, file: File, now: datetime) -> Outcome:
        by, history = self.request.by, file.history(now)
        if by.acting_for is None or history.offered_to != str(by.acting_for):
            return Outcome(codes=("no-offer",))
        if isinstance(self.record, TransferDeclined):
            return Outcome(records=(self.record,))
        offered, _record = history.of(TransferOffered)[-1]
        owner = UUID(str(history.prescriber))
        in_their_name = offered.by is not None and not is_own_prescriber(_actor(offered.by))
        if in_their_name and covers_for(owner, by.acting_for):
            return Outcome(codes=("no-offer",))
        return Outcome(records=(self.record,), then=partial(_tell_of_transfer, file.patient, owner, now))


def _actor(entered: EnteredBy) -> Actor:
    return Actor(entered.account, entered.role, entered.acting_for)


def take_back(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The prescriber takes back a patient whom one who covers handed over. An open authorization becomes void.

    Raises NotTakenBack, KeyReused.
    """
    request = Request(action="take-back-patient", by=by, at=at, key=key, body={"patient": str(patient)})
    if decide(request, by_id(patient), partial(_take_back, by), relation=_is_prescriber)["codes"]:
        raise NotTakenBack


def _take_back(by: Actor, file: File, now: datetime) -> Outcome:
    if not can_take_back(file.history(now), by, now):
        return Outcome(codes=("not-taken-back",))
    then = partial(_tell_patient, file.patient, now)
    return Outcome(records=(Transferred(str(by.acting_for)),), then=then)


def can_take_back(history: History, by: Actor, at: datetime) -> bool:
    """Whether the last hand-over was in the name of `by` by somebody else, a short while ago."""
    transferred, offered = history.of(Transferred), history.of(TransferOffered)
    if not transferred or not offered or history.prescriber == str(by.acting_for):
        return False
    (last, _), (before, _) = transferred[-1], offered[-1]
    if before.number > last.number or before.by is None or at - last.at > TAKE_BACK:
        return False
    return before.by.acting_for == by.acting_for and before.by.account != by.account and is_own_prescriber(by)


def _is_prescriber(by: Actor, locked: Locked) -> bool:
    return by.role == PRESCRIBER


def _tell_of_transfer(patient: UUID, owner: UUID, at: datetime, numbers: list[int]) -> None:
    """Tell the patient, and the prescriber whose patient it was."""
    _tell_patient(patient, at, numbers)
    _tell_owner("handed-over-from-you", patient, owner, at, numbers)


def _tell_patient(patient: UUID, at: datetime, numbers: list[int]) -> None:
    message = Message(key=f"handed-over:{patient}:{numbers[0]}", kind="handed-over", subject=patient, data={})
    message.due_at = at
    outbox.enqueue([message], at=at)


def _tell_owner(kind: str, patient: UUID, owner: UUID | None, at: datetime, numbers: list[int]) -> None:
    """Tell the prescriber whose patient it is, or was."""
    message = Message(
        key=f"{kind}:{patient}:{numbers[0]}", kind=kind, subject=patient, data={"prescriber": str(owner)}, due_at=at
    )
    outbox.enqueue([message], at=at)
