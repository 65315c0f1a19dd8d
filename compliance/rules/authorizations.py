"""What became of each authorization (rules, section 5.3)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from heapq import merge
from typing import Literal

from . import days, fields
from .history import History, in_order, is_stop
from .records import (
    Authorized,
    CategoryChanged,
    ConsentWithdrawn,
    Discontinued,
    Dispensed,
    Enrolled,
    Entry,
    EntryStruck,
    FileLinked,
    FileUnlinked,
    PregnancyReported,
    Record,
    Reversed,
    Transferred,
)
from .refusals import Refusal, Refused

State = Literal["open", "dispensed", "reversed", "void", "expired"]

_VOIDING = (
    CategoryChanged, ConsentWithdrawn, Discontinued, EntryStruck, FileLinked, FileUnlinked, PregnancyReported,
    Transferred,
)  # fmt: skip

#: What ends the late entry of a hand-over on an authorization that was issued before.
_ENDS_LATE_ENTRY = (Authorized, Enrolled, CategoryChanged)

#: Refused: there is no such authorization, or another pharmacy obtained it.
UNKNOWN = "authorization-unknown"


@dataclass(frozen=True, slots=True)
class AuthorizationFact:
    """An authorization and its state on the day of the question."""

    entry: Entry
    record: Authorized
    state: State
    #: The record of the hand-over, where there was one.
    dispensed: Entry | None = None

    @property
    def overdue(self) -> bool:
        """Whether the pharmacy must return the product to stock and reverse it."""
        return self.state in ("void", "expired")


def all_of(history: History) -> dict[str, AuthorizationFact]:
    """Every authorization of this file by its number, in order of issue."""
    found: dict[str, AuthorizationFact] = {}
    for entry in _with_stops_elsewhere(history):
        record = entry.record
        if isinstance(record, Authorized):
            found[record.number] = AuthorizationFact(entry, record, "open")
        elif isinstance(record, Dispensed):
            found[record.authorization] = replace(found[record.authorization], state="dispensed", dispensed=entry)
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


def _by_the_clock(authorization: AuthorizationFact, on: date) -> AuthorizationFact:
    if authorization.state == "open" and authorization.record.dispense_by < on:
        return replace(authorization, state="expired")
    return authorization


def open_one(history: History) -> AuthorizationFact | None:
    """The authorization that is open, of which there is never more than one."""
    return next((a for a in all_of(history).values() if a.state == "open"), None)


def open_elsewhere(history: History) -> bool:
    """Whether an authorization is open in a linked file."""
    return any(open_one(other) is not None for other in history.linked)


def refuse_reverse(history: History, number: str, pharmacy: str) -> str | None:
    """Why this pharmacy may not reverse that authorization; None when it may."""
    found = _own(history, number, pharmacy)
    if found is None:
        return UNKNOWN
    return f"authorization-{found.state}" if found.state in ("dispensed", "reversed") else None


def refuse_dispense(history: History, number: str, pharmacy: str, handed_over_on: object = None) -> str | None:
    """Why this pharmacy may not dispense on that authorization; None when it may.

    `handed_over_on` is the day on which the patient got the product: plain data, as `fields.on` reads it; None is the
    day of the question. Raises Refused, naming the field, where it is none, later, or before the authorization.
    Source: rules.md, section 5.3.
    """
    found = _own(history, number, pharmacy)
    if found is None:
        return UNKNOWN
    on = _hand_over_day(history, found, handed_over_on)
    if found.state == "open" or (found.overdue and _entered_late(history, found, on)):
        return None
    return f"authorization-{found.state}"


def _own(history: History, number: str, pharmacy: str) -> AuthorizationFact | None:
    """The authorization of that number, if this pharmacy obtained it."""
    found = all_of(history).get(number)
    return found if found is not None and found.record.pharmacy == pharmacy else None


def _hand_over_day(history: History, found: AuthorizationFact, raw: object) -> date:
    try:
        on = history.day if raw is None else fields.on(raw)
    except ValueError as wrong:
        raise Refused(Refusal("handed_over_on", str(wrong))) from None
    if on > history.day:
        raise Refused(Refusal("handed_over_on", "in-the-future"))
    if on < history.day_of(found.entry.at):
        raise Refused(Refusal("handed_over_on", "before-the-authorization"))
    return on


def _entered_late(history: History, found: AuthorizationFact, on: date) -> bool:
    """Whether a hand-over on day `on`, of an authorization that is expired or void, can still be entered."""
    return on < history.day and on <= late_until(history, found)


def late_until(history: History, found: AuthorizationFact) -> date:
    """The last day of a hand-over that can still be entered on an authorization that is expired or void.

    It lies before the authorization's first day where none can. Source: rules.md, section 5.3 (assumed).
    """
    none = days.plus(history.day_of(found.entry.at), -1)
    last = found.record.dispense_by
    after = False
    for entry in _with_stops_elsewhere(history):
        if entry == found.entry:
            after = True
        elif after and isinstance(entry.record, _ENDS_LATE_ENTRY):
            return none
        elif after and voids(entry.record):
            last = min(last, days.plus(history.day_of(entry.at), -1))
    return last
