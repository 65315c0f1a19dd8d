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
from accounts.roles import PATIENT, PRESCRIBER
from compliance.records.file import File
from compliance.rules.history import History, in_order
from compliance.rules.records import (
    EnteredBy,
    FileTransferred,
    Record,
    TransferDeclined,
    TransferOffered,
    Transferred,
)
from ledger.actor import Actor
from ledger.idempotency import Request
from ledger.models import ErasableText
from outbox.models import Message

from .covering import covers_for, is_own_prescriber, last_offer
from .decide import Locked, Outcome, by_id, decide
from .entries import enter
from .held_enrolments import is_certified
from .offers import tell_offered

Then = Callable[[list[int]], None]

#: How long a prescriber can take back a patient who was handed over in their name.
TAKE_BACK = timedelta(days=14)


class NoTransferOffer(ValueError):
    """The patient is not offered to this prescriber (any more)."""


class CannotTakeOver(NoTransferOffer):
    """This prescriber takes nobody over today: suspended, not certified, or their account is closed."""


class NotTakenBack(ValueError):
    """The patient was not handed over in this prescriber's name, or too long ago, or has moved on since."""


def offer(
    *, patient: UUID, record: TransferOffered, by: Actor, at: datetime, key: UUID, texts: list[ErasableText]
) -> None:
    """Offer a patient to another prescriber. Raises EntryRefused, NotPermitted, KeyReused."""

    def then(numbers: list[int]) -> None:
        tell_offered(UUID(record.prescriber), key, at)
        if not is_own_prescriber(by):
            _tell_owner("offered-in-your-name", patient, by.acting_for, at, numbers)

    enter(patient=patient, records=[record], by=by, at=at, key=key, texts=texts, then=then)


def accept(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Take the patient over. An open authorization becomes void, a window stays.

    Raises NoTransferOffer; CannotTakeOver where they may take over nobody today.
    """
    request = Request(action="accept-transfer", by=by, at=at, key=key, body={"patient": str(patient)})
    _answer(request, patient, accepts=True)


def decline(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Leave the patient where they are. Raises NoTransferOffer."""
    request = Request(action="decline-transfer", by=by, at=at, key=key, body={"patient": str(patient)})
    _answer(request, patient, accepts=False)


def _answer(request: Request, patient: UUID, *, accepts: bool) -> None:
    codes = decide(request, by_id(patient), _Answering(request, accepts), relation=_is_prescriber)["codes"]
    if _CANNOT in codes:
        raise CannotTakeOver
    if codes:
        raise NoTransferOffer


#: The code of a prescriber who takes nobody over.
_CANNOT = "cannot-take-over"


def _moved(history: History, to: UUID) -> Record:
    """What records that the patient is that one's: by the rules there is no `transferred` without a course."""
    return Transferred(str(to)) if history.course is not None else FileTransferred(str(to))


@dataclass(frozen=True, slots=True)
class _Answering:
    """The answer to an offer, as it runs under the patient's lock."""

    request: Request
    accepts: bool

    def __call__(self, file: File, now: datetime) -> Outcome:
        by, history = self.request.by, file.history(now)
        if by.acting_for is None or history.offered_to != str(by.acting_for):
            return Outcome(codes=("no-offer",))
        offered, owner = last_offer(history), UUID(str(history.holder))
        if not self.accepts:
            asked = offered is not None and offered.role == PATIENT
            then = partial(_tell_patient, "request-declined", file.patient, now) if asked else None
            return Outcome(records=(TransferDeclined(),), then=then)
        if not is_certified(by.acting_for, file.program, now):
            return Outcome(codes=(_CANNOT,))
        by_practice = offered is not None and offered.role == PRESCRIBER
        in_their_name = by_practice and offered is not None and not is_own_prescriber(_actor(offered))
        if in_their_name and covers_for(owner, by.acting_for):
            return Outcome(codes=("no-offer",))
        then = partial(_tell_of_transfer, file.patient, owner, now)
        return Outcome(records=(_moved(history, by.acting_for),), then=then)


def _actor(entered: EnteredBy) -> Actor:
    return Actor(entered.account, entered.role, entered.acting_for)


def take_back(*, patient: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """The prescriber takes back a patient whom one who covers handed over. An open authorization becomes void.

    Raises NotTakenBack, KeyReused; CannotTakeOver where they may take over nobody today.
    """
    request = Request(action="take-back-patient", by=by, at=at, key=key, body={"patient": str(patient)})
    codes = decide(request, by_id(patient), partial(_take_back, by), relation=_is_prescriber)["codes"]
    if _CANNOT in codes:
        raise CannotTakeOver
    if codes:
        raise NotTakenBack


def _take_back(by: Actor, file: File, now: datetime) -> Outcome:
    history = file.history(now)
    if by.acting_for is None or not can_take_back(history, by, now):
        return Outcome(codes=("not-taken-back",))
    if not is_certified(by.acting_for, file.program, now):
        return Outcome(codes=(_CANNOT,))
    then = partial(_tell_patient, "handed-over", file.patient, now)
    return Outcome(records=(_moved(history, by.acting_for),), then=then)


def can_take_back(history: History, by: Actor, at: datetime) -> bool:
    """Whether the last hand-over was in the name of `by` by somebody else, a short while ago."""
    offered = history.of(TransferOffered)
    if not offered or history.holder == str(by.acting_for):
        return False
    before = offered[-1][0]
    moved = [*history.of(Transferred), *history.of(FileTransferred)]
    # A course that began since may have named the prescriber once more: the first is the hand-over.
    after = min((entry for entry, _ in moved if entry.number > before.number), key=in_order, default=None)
    if after is None or before.by is None or at - after.at > TAKE_BACK:
        return False
    return before.by.acting_for == by.acting_for and before.by.account != by.account and is_own_prescriber(by)


def _is_prescriber(by: Actor, locked: Locked) -> bool:
    return by.role == PRESCRIBER


def _tell_of_transfer(patient: UUID, owner: UUID, at: datetime, numbers: list[int]) -> None:
    """Tell the patient, and the prescriber whose patient it was."""
    _tell_patient("handed-over", patient, at, numbers)
    _tell_owner("handed-over-from-you", patient, owner, at, numbers)


def _tell_patient(kind: str, patient: UUID, at: datetime, numbers: list[int]) -> None:
    message = Message(key=f"{kind}:{patient}:{numbers[0]}", kind=kind, subject=patient, data={})
    message.due_at = at
    outbox.enqueue([message], at=at)


def _tell_owner(kind: str, patient: UUID, owner: UUID | None, at: datetime, numbers: list[int]) -> None:
    """Tell the prescriber whose patient it is, or was."""
    message = Message(
        key=f"{kind}:{patient}:{numbers[0]}", kind=kind, subject=patient, data={"prescriber": str(owner)}, due_at=at
    )
    outbox.enqueue([message], at=at)
