"""The state of each authorization (rules, section 5.3)."""

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
    PregnancyTest,
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

#: The kinds that make void what was authorized before them; of tests, a positive one.
VOIDING_KINDS = frozenset({PregnancyTest.kind, *(cls.kind for cls in _VOIDING)})

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
    #: The record that made it void, or by which it was dispensed or reversed: the latest of them.
    ended: Entry | None = None

    @property
    def overdue(self) -> bool:
        """Whether the pharmacy must return the product to stock and reverse it."""
        return self.state in ("void", "expired")


def all_of(history: History) -> dict[str, AuthorizationFact]:
    """Every authorization of this file by its number, in order of issue."""
    return history.derived(_all_of)


def _all_of(history: History) -> dict[str, AuthorizationFact]:
    result: dict[str, AuthorizationFact] = {}
    for entry in _with_stops_elsewhere(history):
        record = entry.record
        if isinstance(record, Authorized):
            result[record.number] = AuthorizationFact(entry, record, "open")
        elif isinstance(record, Dispensed):
            fact = result[record.authorization]
            result[record.authorization] = replace(fact, state="dispensed", dispensed=entry, ended=entry)
        elif isinstance(record, Reversed):
            result[record.authorization] = replace(result[record.authorization], state="reversed", ended=entry)
        elif voids(record):
            result = {n: replace(a, state="void", ended=entry) if a.state == "open" else a for n, a in result.items()}
    return {n: _by_the_clock(a, history.day) for n, a in result.items()}


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
    authorization = own(history, number, pharmacy)
    if authorization is None:
        return UNKNOWN
    return f"authorization-{authorization.state}" if authorization.state in ("dispensed", "reversed") else None


def refuse_dispense(history: History, number: str, pharmacy: str, handed_over_on: object = None) -> str | None:
    """Why this pharmacy may not dispense on that authorization; None when it may.

    `handed_over_on` is the day on which the patient got the product: plain data, as `fields.on` reads it; None is the
    day of the question. Raises Refused, naming the field, where it is none, later, or before the authorization.
    Source: rules.md, section 5.3.
    """
    authorization = own(history, number, pharmacy)
    if authorization is None:
        return UNKNOWN
    on = _hand_over_day(history, authorization, handed_over_on)
    if authorization.state == "open" or (authorization.overdue and _entered_late(history, authorization, on)):
        return None
    return f"authorization-{authorization.state}"


def own(history: History, number: str, pharmacy: str) -> AuthorizationFact | None:
    """The authorization of that number, if this pharmacy obtained it."""
    authorization = all_of(history).get(number)
    return authorization if authorization is not None and authorization.record.pharmacy == pharmacy else None


def _hand_over_day(history: History, authorization: AuthorizationFact, raw: object) -> date:
    try:
        on = history.day if raw is None else fields.on(raw)
    except ValueError as wrong:
        raise Refused(Refusal("handed_over_on", str(wrong))) from None
    if on > history.day:
        raise Refused(Refusal("handed_over_on", "in-the-future"))
    if on < history.day_of(authorization.entry.at):
        raise Refused(Refusal("handed_over_on", "before-the-authorization"))
    return on


def _entered_late(history: History, authorization: AuthorizationFact, on: date) -> bool:
    """Whether a hand-over on day `on`, of an authorization that is expired or void, can still be entered."""
    return on < history.day and on <= late_until(history, authorization)


def late_until(history: History, authorization: AuthorizationFact) -> date:
    """The last day of a hand-over that can still be entered on an authorization that is expired or void.

    It lies before the authorization's first day where none can. Source: rules.md, section 5.3 (assumed).
    """
    none = days.plus(history.day_of(authorization.entry.at), -1)
    last = authorization.record.dispense_by
    after = False
    for entry in _with_stops_elsewhere(history):
        if entry == authorization.entry:
            after = True
        elif after and isinstance(entry.record, _ENDS_LATE_ENTRY):
            return none
        elif after and voids(entry.record):
            last = min(last, days.plus(history.day_of(entry.at), -1))
    return last
