"""Enter records into a patient's log, all of them or none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from accounts.roles import GUARDIAN, PRESCRIBER
from compliance.records.file import File
from compliance.rules import entries
from compliance.rules.consents import answers_refusal, is_minor
from compliance.rules.records import (
    BirthDateCorrected,
    ConsentSigned,
    ContactCorrected,
    Enrolled,
    Entry,
    EntryStruck,
    Record,
    TransferOffered,
    Transferred,
    TransferWithdrawn,
    dump,
)
from compliance.rules.refusals import Refusal
from compliance.signatures import Signature, pairs
from ledger.actor import Actor
from ledger.idempotency import Answer, Request
from ledger.models import ErasableText

from . import identity, pdf_jobs
from .covering import covers_for, is_own_prescriber, last_offer
from .decide import NOT_THEIRS, Outcome, Relation, by_id, decide
from .permissions import may_enter

Then = Callable[[list[int]], None]


class EntryRefused(ValueError):
    """The rules do not take these entries; nothing was recorded. `refusals` is by place in what was entered."""

    def __init__(self, refusals: Sequence[tuple[int, Refusal]]) -> None:
        super().__init__("; ".join(f"{refusal.field or 'entry'}: {refusal.rule}" for _, refusal in refusals))
        self.refusals = list(refusals)

    @property
    def codes(self) -> tuple[str, ...]:
        """The rules that refuse."""
        return tuple(refusal.rule for _, refusal in self.refusals)

    @property
    def first(self) -> Refusal:
        """The refusal of the first entry that was refused."""
        return self.refusals[0][1]


def enter(
    *,
    patient: UUID,
    records: Sequence[Record],
    by: Actor,
    at: datetime,
    key: UUID,
    action: str = "enter",
    texts: Sequence[ErasableText] = (),
    then: Then | None = None,
    signature: Signature | None = None,
    relation: Relation | None = None,
) -> list[int]:
    """Record what happened, in that order, and the signature on it behind; the numbers in the log.

    Raises EntryRefused with every refusal, NotPermitted where the role or the relation forbids it, where a record
    that must be signed is not, or where the signature is not on these very records by the text that belongs to them.
    """
    body = {"patient": str(patient), "records": [[record.kind, _asked(record, texts)] for record in records]}
    signed = {"signed": signature.request_body()} if signature is not None else {}
    request = Request(action=action, by=by, at=at, key=key, body=body | signed)
    work = _Entering(
        request=request, patient=patient, records=tuple(records), erasable=tuple(texts), then=then, signature=signature
    )
    if any(isinstance(record, _TELL_APART) for record in records):
        answer = _correct_identity(request, work, relation)
    else:
        answer = decide(request, by_id(patient), work, relation=relation)
    raise_refusals(answer)
    numbers: list[int] = answer["records"]
    return numbers


#: After these a file may be seen to be of a person who has another one.
_TELL_APART = (BirthDateCorrected, ContactCorrected)


def _correct_identity(request: Request, work: "_Entering", relation: Relation | None) -> Answer:
    """Entries after which the patient may be of a person who has another file: searched for as at an enrolment."""

    def searched(numbers: list[int]) -> None:
        identity.show_office(work.patient, request.at)
        if work.then is not None:
            work.then(numbers)

    return identity.decide_alone(request, work.patient, replace(work, then=searched), relation)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entering:
    """Entries as they run under the lock: who enters what, what the rules say, the signature behind them."""

    request: Request
    patient: UUID
    records: tuple[Record, ...]
    erasable: tuple[ErasableText, ...]
    then: Then | None
    signature: Signature | None

    def __call__(self, file: File, now: datetime) -> Outcome:
        if not self._is_permitted(file, now):
            return NOT_THEIRS
        refusals = [*refusals_of(file, self.records, now), *_unanswered(self.records, self.signature)]
        if refusals:
            return refused_as(list(dict.fromkeys(refusals)))
        named = _prescriber_named(file, self.records, now)
        if self.signature is None:
            return Outcome(records=(*self.records, *named), texts=self.erasable, then=self.then)
        first = file.head.number + 1
        attested = self.signature.record(range(first, first + len(self.records)), now, file.program)
        return Outcome(
            records=(*self.records, attested, *named),
            texts=(*self.erasable, self.signature.statement.name),
            then=partial(self._order_signed_pdf, now),
        )

    def _is_permitted(self, file: File, now: datetime) -> bool:
        by, key = self.request.by, self.request.key
        signature = self.signature
        if signature is not None and not signature.fits(pairs(self.records), subject=self.patient, by=by, key=key):
            return False
        if by.role == PRESCRIBER and any(_takes_over(by, record) for record in self.records):
            return False
        if any(isinstance(r, TransferWithdrawn) for r in self.records) and not _is_by_practice(file, now):
            return False
        if by.role == GUARDIAN and not _guardian_may(file, self.records, now):
            return False
        return all(may_enter(by, record, signed=signature is not None) for record in self.records)

    def _order_signed_pdf(self, now: datetime, numbers: list[int]) -> None:
        """Once the records and the signature behind them are written."""
        pdf_jobs.enqueue("patient", self.patient, numbers[len(self.records)], at=now)
        if self.then is not None:
            self.then(numbers)


def _prescriber_named(file: File, records: Sequence[Record], at: datetime) -> tuple[Record, ...]:
    """What names the prescriber of a course that begins, or goes on, where the log names another for the gate.

    Who took the file over between the courses could not be named then: the rules know no `transferred` without a
    course. A course goes on as if it had never ended, once its end is struck.
    """
    if not any(isinstance(record, (Enrolled, EntryStruck)) for record in records):
        return ()
    begun = [Entry(file.head.number + place, at, record) for place, record in enumerate(records, 1)]
    history = file.followed_by(*begun).history(at)
    holder = history.holder
    if history.course is None or holder is None or holder == history.prescriber:
        return ()
    return (Transferred(holder),)


def _takes_over(by: Actor, record: Record) -> bool:
    """Whether somebody who covers offers the patient to themselves, or to another who covers."""
    if not isinstance(record, TransferOffered) or is_own_prescriber(by):
        return False
    return covers_for(by.acting_for, UUID(record.prescriber))


def _is_by_practice(file: File, at: datetime) -> bool:
    """Whether the practice made the offer: what the patient asked for, or the office offers, is not theirs to end."""
    by = last_offer(file.history(at))
    return by is None or by.role == PRESCRIBER


def _guardian_may(file: File, records: Sequence[Record], at: datetime) -> bool:
    """Whether a guardian still stands beside this patient; that a signature comes too late, the rules say in words."""
    return is_minor(file.history(at)) or all(isinstance(record, ConsentSigned) for record in records)


def refused_as(refusals: Sequence[tuple[int, Refusal]]) -> Outcome:
    """The outcome of entries that the rules refuse: the refusals by place, and no record."""
    return Outcome(codes=tuple(r.rule for _, r in refusals), answer=answer_of(refusals))


def answer_of(refusals: Sequence[tuple[int, Refusal]]) -> dict[str, Any]:
    """Refusals as an answer keeps them."""
    return {"refusals": [{"place": place, "field": r.field, "rule": r.rule} for place, r in refusals]}


def refusal_of(answer: Mapping[str, Any]) -> EntryRefused:
    """The refusals that an answer keeps."""
    return EntryRefused([(r["place"], Refusal(r["field"], r["rule"])) for r in answer["refusals"]])


def raise_refusals(answer: Mapping[str, Any]) -> None:
    """Raises EntryRefused where the answer holds refusals of entries."""
    if answer.get("refusals"):
        raise refusal_of(answer)


def _unanswered(records: Sequence[Record], signature: Signature | None) -> Iterator[tuple[int, Refusal]]:
    """The consents that leave an item of their text without an answer, or answer it with no (rules, section 3).

    Which items there are, the text says: the answers that are there cannot.
    """
    for place, record in enumerate(records):
        if isinstance(record, ConsentSigned) and signature is not None:
            items = [item.id for item in signature.statement.document.items]
            refusal = answers_refusal(items, record.answers or {})
            if refusal is not None:
                yield place, refusal


def _asked(record: Record, erasable: Sequence[ErasableText]) -> dict[str, Any]:
    """The request body of a record: the texts themselves, because their salted digests differ each time."""
    texts = {text.digest: text.text for text in erasable}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items()}
        return texts.get(value, value) if isinstance(value, str) else value

    body: dict[str, Any] = plain(dump(record))
    return body


def refusals_of(file: File, records: Sequence[Record], at: datetime) -> list[tuple[int, Refusal]]:
    """Why these records would be refused at `at`, each seen after those before it."""
    refusals = []
    for place, record in enumerate(records):
        refusal = entries.refusal(file.history(at), file.entries, record, at)
        if refusal is not None:
            refusals.append((place, refusal))
        else:
            file = file.followed_by(Entry(file.head.number + place + 1, at, record))
    return refusals
