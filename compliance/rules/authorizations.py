"""What became of each authorization (rules, section 5.3)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from .history import History
from .records import (
    Authorized,
    CategoryChanged,
    ConsentWithdrawn,
    Discontinued,
    Dispensed,
    Entry,
    EntryStruck,
    PregnancyReported,
    PregnancyTest,
    Reversed,
    Transferred,
)

State = Literal["open", "dispensed", "reversed", "void", "expired"]

_VOIDING = (CategoryChanged, ConsentWithdrawn, Discontinued, EntryStruck, PregnancyReported, Transferred)


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
    """Every authorization of the patient by its number, in order of issue."""
    found: dict[str, Authorization] = {}
    for entry in history.entries:
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


def voids(record: object) -> bool:
    """Whether this record makes void what was authorized before it."""
    return isinstance(record, _VOIDING) or (isinstance(record, PregnancyTest) and record.result == "positive")


def _by_the_clock(authorization: Authorization, on: date) -> Authorization:
    if authorization.state == "open" and authorization.record.dispense_by < on:
        return replace(authorization, state="expired")
    return authorization


def open_one(history: History) -> Authorization | None:
    """The authorization that is open, of which there is never more than one."""
    return next((a for a in all_of(history).values() if a.state == "open"), None)


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
