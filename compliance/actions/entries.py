"""Enter records into a patient's log, all of them or none."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from compliance.projection.file import File
from compliance.rules import entries
from compliance.rules.history import read
from compliance.rules.records import Entry, Record, dump
from compliance.rules.refusals import Refusal
from ledger.actor import Actor
from ledger.models import Sealed

from .decide import Outcome, Request, by_id, decide
from .permissions import may_enter


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
) -> list[int]:
    """Record what happened, in that order; the numbers in the log.

    Raises EntryRefused with every refusal, NotPermitted where the role or the relation forbids it.
    """

    def work(file: File, now: datetime) -> Outcome:
        if not all(may_enter(by, record) for record in records):
            return Outcome(codes=("not-permitted",))
        refusals = refusals_of(file, records, now)
        if refusals:
            named = [{"place": place, "field": r.field, "rule": r.rule} for place, r in refusals]
            return Outcome(codes=tuple(r.rule for _, r in refusals), answer={"refusals": named})
        return Outcome(records=tuple(records), sealed=tuple(sealed), then=then)

    body = {"patient": str(patient), "records": [[record.kind, _asked(record, sealed)] for record in records]}
    answer = decide(Request(action=action, by=by, at=at, key=key, body=body), by_id(patient), work)
    if answer["codes"]:
        raise EntryRefused([(r["place"], Refusal(r["field"], r["rule"])) for r in answer["refusals"]])
    numbers: list[int] = answer["records"]
    return numbers


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
        history = read(file.history(at).program, log, at)
        refusal = entries.refusal(history, log, record, at)
        if refusal is not None:
            refusals.append((place, refusal))
        else:
            log.append(Entry(file.head.number + place + 1, at, record))
    return refusals
