"""Which places each account held, and when, as the logs say."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from accounts.roles import DESIGNEE, GUARDIAN, PATIENT, PHARMACIST, PRESCRIBER
from ledger.log import Row
from ledger.models import LogRecord

_FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Delegation:
    """A prescriber acts for another, from one instant to another."""

    delegate: UUID
    since: datetime
    until: datetime = _FOR_EVER


@dataclass(slots=True)
class _Held:
    """A place of an account, from one instant to another."""

    place: UUID
    since: datetime
    until: datetime = _FOR_EVER
    #: Whether it ended with the closing of the account.
    closed: bool = False

    def covers(self, at: datetime) -> bool:
        return self.since <= at <= self.until


@dataclass(frozen=True, slots=True)
class Staff:
    """The places of accounts: in practices and pharmacies, and who covers for whom; in files."""

    #: For each (account, role) the practices or pharmacies for which it acts, or acted.
    places: dict[tuple[UUID, str], list[_Held]] = field(default_factory=lambda: defaultdict(list))
    #: For each file in which people are invited, who accepted, in which role, and with which record.
    accepted: dict[UUID, list[tuple[UUID, str, int]]] = field(default_factory=dict)
    delegations: dict[UUID, list[_Delegation]] = field(default_factory=lambda: defaultdict(list))

    #: For each practice or pharmacy who applied, and for each account the officers from whose browser it came.
    applicants: dict[UUID, UUID] = field(default_factory=dict)
    registered_from: dict[UUID, list[str]] = field(default_factory=dict)

    def is_own_application(self, row: Row) -> bool:
        """Whether an officer approves what was registered from their own browser."""
        if row.kind != "approved" or row.subject not in self.applicants:
            return False
        return str(row.actor) in self.registered_from.get(self.applicants[row.subject], [])

    def belongs(self, row: Row) -> bool:
        """Whether the account held the place for which it wrote the row then, or covered for it."""
        if row.subject_kind == "account":
            return True
        if row.role in (PATIENT, GUARDIAN):
            accepted = self.accepted.get(row.subject)
            # In a log in which nobody was ever invited nothing says whose the account is.
            return accepted is None or any(
                (account, role) == (row.actor, row.role) and number <= row.number for account, role, number in accepted
            )
        if row.role not in (PRESCRIBER, DESIGNEE, PHARMACIST):
            return True
        own = [held.place for held in self.places.get((row.actor, row.role), []) if held.covers(row.at)]
        if row.acting_for in own:
            return True
        given = self.delegations.get(row.acting_for, []) if row.role == PRESCRIBER and row.acting_for else []
        return any(one.delegate in own and one.since <= row.at <= one.until for one in given)

    def holds(self, account: UUID, role: str) -> bool:
        """Whether the account held a place of that role at any time."""
        people = (entry[:2] for entries in self.accepted.values() for entry in entries)
        return (account, role) in self.places or (role in (PATIENT, GUARDIAN) and (account, role) in set(people))


#: What adds a place to an account, and ends one; a practice that closes an account ends the place with it.
_MOVES = ("place_added", "place_ended", "account_closed", "account_reopened")

_KINDS = (
    "applied", "account_opened", "account_registered", "delegate_named", "delegate_ended", *_MOVES,
    "invited", "invitation_accepted",
)  # fmt: skip


def read_staff() -> Staff:
    """What the logs of practices, pharmacies, accounts and files say of who belongs where."""
    staff = Staff()
    opened: dict[UUID, UUID] = {}
    rows = LogRecord.objects.filter(kind__in=_KINDS).order_by("subject", "number")
    later: list[LogRecord] = []
    for row in rows.iterator():
        if row.kind == "applied":
            staff.places[row.actor, row.role].append(_Held(row.subject, row.at))
            staff.applicants.setdefault(row.subject, row.actor)
        elif row.kind == "account_registered":
            officers = row.data.get("officers")
            staff.registered_from[row.subject] = officers if isinstance(officers, list) else []
        elif row.kind == "account_opened":
            if row.acting_for is not None and isinstance(row.data.get("role"), str):
                opened[row.subject] = row.acting_for
                staff.places[row.subject, row.data["role"]].append(_Held(row.acting_for, row.at))
        elif row.kind in _MOVES:
            later.append(row)
        elif row.kind in ("invited", "invitation_accepted"):
            _accept(staff.accepted.setdefault(row.subject, []), row)
        else:
            _delegate(staff.delegations[row.subject], row)
    for row in later:
        _move(staff, row, opened)
    return staff


def _accept(accepted: list[tuple[UUID, str, int]], row: LogRecord) -> None:
    try:
        account = UUID(row.data["account"]) if row.kind == "invitation_accepted" else None
    except (AttributeError, LookupError, TypeError, ValueError):
        return
    if account is not None:
        accepted.append((account, GUARDIAN if row.data.get("guardian") else PATIENT, row.number))


def _move(staff: Staff, row: LogRecord, opened: Mapping[UUID, UUID]) -> None:
    """A place that an account took over from the one that was opened for it; or the end of one.

    Where the program office opens the account again, so is the place that ended with its closing.
    """
    if row.kind == "account_reopened":
        for held in _held(staff, row.subject):
            if held.closed:
                held.until, held.closed = _FOR_EVER, False
        return
    if row.kind == "place_added":
        _add(staff, row, opened)
        return
    for held in _held(staff, row.subject):
        if held.place == row.acting_for and held.until == _FOR_EVER:
            held.until, held.closed = row.at, row.kind == "account_closed"


def _held(staff: Staff, account: UUID) -> Iterator[_Held]:
    for role in (DESIGNEE, PHARMACIST):
        yield from staff.places.get((account, role), ())


def _add(staff: Staff, row: LogRecord, opened: Mapping[UUID, UUID]) -> None:
    try:
        role, place = str(row.data["role"]), opened.get(UUID(row.data["from"]))
    except (AttributeError, LookupError, TypeError, ValueError):
        return
    if place is not None:
        staff.places[row.subject, role].append(_Held(place, row.at))


def _delegate(delegations: list[_Delegation], row: LogRecord) -> None:
    try:
        delegate = UUID(row.data.get("delegate", ""))
    except (AttributeError, TypeError, ValueError):
        return
    if row.kind == "delegate_named":
        delegations.append(_Delegation(delegate, row.at))
        return
    for one in delegations:
        if one.delegate == delegate and one.until == _FOR_EVER:
            one.until = row.at
