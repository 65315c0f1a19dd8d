"""What became of each authorization (rules, section 5.3)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from heapq import merge
from typing import Literal

from .history import History, in_order, is_stop
from .records import (
    Authorized,
    CategoryChanged,
    ConsentWithdrawn,
    Discontinued,
    Dispensed,
    Entry,
    EntryStruck,
    FileLinked,
    FileUnlinked,
    PregnancyReported,
    Record,
    Reversed,
    Transferred,
)

State = Literal["open", "dispensed", "reversed", "void", "expired"]

_VOIDING = (
    CategoryChanged, ConsentWithdrawn, Discontinued, EntryStruck, FileLinked, FileUnlinked, PregnancyReported,
    Transferred,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorization and its state on the day of the question."""

    entry: Entry
    record: Authorized
    state: State

    @property
    def overdue(self) -> bool:
        """Whether the pharmacy must return the product to stock and reverse it."""
        return self.state in ("void", "expired")


def all_of(history: History) -> dict[str, Authorization]:
    """Every authorization of this file by its number, in order of issue."""
    found: dict[str, Authorization] = {}
    for entry in _with_stops_elsewhere(history):
        record = entry.record
        if isinstance(record, Authorized):
            found[record.number] = Authorization(entry, record, "open")
        elif isinstance(record, Dispensed):
            found[record.authorization] = replace(found[record.authorization], state="dispensed")
        elif isinstance(record, Reversed):
            found[record.authorization] = replace(found[record.authorization], state="reversed")
        elif voids(record):
            found = {n: replace(a, state="void") if a.state == "open" else a for n, a in found.items()}
    return {n: _by_the_clock(a, history.day) for n, a in found.items()}


def _with_stops_elsewhere(history: History) -> Iterable[Entry]:
    """The file's entries, and among them what opened a stop in a linked file."""
    stops = [[e for e in other.entries if is_stop(e.record)] for other in history.linked]
    return merge(history.entries, *stops, key=in_order) if stops else history.entries


def voids(record: Record) -> bool:
    """Whether this record makes void what was authorized before it."""
    return isinstance(record, _VOIDING) or is_stop(record)


def _by_the_clock(authorization: Authorization, on: date) -> Authorization:
    if authorization.state == "open" and authorization.record.dispense_by < on:
        return replace(authorization, state="expired")
    return authorization


def open_one(history: History) -> Authorization | None:
    """The authorization that is open, of which there is never more than one."""
    return next((a for a in all_of(history).values() if a.state == "open"), None)


def open_elsewhere(history: History) -> bool:
    """Whether an authorization is open in a linked file."""
    return any(open_one(other) is not None for other in history.linked)


def refuse_dispense(history: History, number: str, pharmacy: str) -> str | None:
    """Why this pharmacy may not dispense on that authorization; None when it may."""
    return _refuse(history, number, pharmacy, ("dispensed", "reversed", "void", "expired"))


def refuse_reverse(history: History, number: str, pharmacy: str) -> str | None:
    """Why this pharmacy may not reverse that authorization; None when it may."""
    return _refuse(history, number, pharmacy, ("dispensed", "reversed"))


def _refuse(history: History, number: str, pharmacy: str, states: tuple[str, ...]) -> str | None:
    authorization = all_of(history).get(number)
    if authorization is None or authorization.record.pharmacy != pharmacy:
        return "authorization-unknown"
    return f"authorization-{authorization.state}" if authorization.state in states else None
