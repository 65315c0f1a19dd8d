"""Enter records into a patient's log, all of them or none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.roles import GUARDIAN
from compliance.projection.file import File
from compliance.rules import entries
from compliance.rules.consents import answers_refusal, is_minor
from compliance.rules.records import ConsentSigned, Entry, Record, dump
from compliance.rules.refusals import Refusal
from ledger.actor import Actor
from ledger.models import Sealed

from . import papers
from .decide import Answer, Outcome, Request, by_id, decide
from .permissions import may_enter
from .signing import Signature, pairs


class EntryRefused(ValueError):
    """The rules do not take these entries; nothing was recorded. `refusals` is by place in what was entered."""

    def __init__(self, refusals: Sequence[tuple[int, Refusal]]) -> None:
        super().__init__("; ".join(f"{refusal.field or 'entry'}: {refusal.rule}" for _, refusal in refusals))
        self.refusals = list(refusals)

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
    sealed: Sequence[Sealed] = (),
    then: Callable[[list[int]], None] | None = None,
    signature: Signature | None = None,
) -> list[int]:
    """Record what happened, in that order, and the signature on it behind; the numbers in the log.

    Raises EntryRefused with every refusal, NotPermitted where the role or the relation forbids it, where a record
    that must be signed is not, or where the signature is not on these very records by the text that belongs to them.
    """
    signs = signature is not None and signature.fits(pairs(records), subject=patient, by=by, key=key)

    def work(file: File, now: datetime) -> Outcome:
        if not all(may_enter(by, record, signed=signs) for record in records) or (signature and not signs):
            return Outcome(codes=("not-permitted",))
        if by.role == GUARDIAN and not _guardian_may(file, records, now):
            return Outcome(codes=("not-permitted",))
        refusals = list(dict.fromkeys([*refusals_of(file, records, now), *_unanswered(records, signature)]))
        if refusals:
            return refused_as(refusals)
        if signature is None:
            return Outcome(records=tuple(records), sealed=tuple(sealed), then=then)
        first = file.head.number + 1
        covered = range(first, first + len(records))
        written = (*records, signature.record(covered, now))

        def after(numbers: list[int]) -> None:
            papers.order("patient", patient, numbers[-1], at=now)
            if then is not None:
                then(numbers)

        return Outcome(records=written, sealed=(*sealed, signature.statement.name), then=after)

    body: dict[str, Any] = {
        "patient": str(patient),
        "records": [[record.kind, _asked(record, sealed)] for record in records],
    }
    if signature is not None:
        body["signed"] = signature.asked()
    answer = decide(Request(action=action, by=by, at=at, key=key, body=body), by_id(patient), work)
    raise_refusals(answer)
    numbers: list[int] = answer["records"]
    return numbers


def _guardian_may(file: File, records: Sequence[Record], at: datetime) -> bool:
    """Whether a guardian still stands beside this patient; that a signature comes too late, the rules say in words."""
    return is_minor(file.history(at)) or all(isinstance(record, ConsentSigned) for record in records)


def refused_as(refusals: Sequence[tuple[int, Refusal]]) -> Outcome:
    """What comes of entries that the rules do not take: nothing but their refusals, by place."""
    named = [{"place": place, "field": r.field, "rule": r.rule} for place, r in refusals]
    return Outcome(codes=tuple(r.rule for _, r in refusals), answer={"refusals": named})


def raise_refusals(answer: Answer) -> None:
    """Raises EntryRefused where the answer holds refusals of entries."""
    if refusals := answer.get("refusals"):
        raise EntryRefused([(r["place"], Refusal(r["field"], r["rule"])) for r in refusals])


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


def _asked(record: Record, sealed: Sequence[Sealed]) -> dict[str, Any]:
    """What was asked: salted digests, which differ each time, stand for the texts behind them."""
    texts = {text.digest: text.text for text in sealed}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items()}
        return texts.get(value, value) if isinstance(value, str) else value

    asked: dict[str, Any] = plain(dump(record))
    return asked


def refusals_of(file: File, records: Sequence[Record], at: datetime) -> list[tuple[int, Refusal]]:
    """Why these records would be refused at `at`, each seen after those before it."""
    log, refusals = list(file.entries), []
    for place, record in enumerate(records):
        history = replace(file, entries=tuple(log)).history(at)
        refusal = entries.refusal(history, log, record, at)
        if refusal is not None:
            refusals.append((place, refusal))
        else:
            log.append(Entry(file.head.number + place + 1, at, record))
    return refusals
