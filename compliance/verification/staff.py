"""Which account belongs to which practice or pharmacy, as the logs say."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from accounts.roles import DESIGNEE, PHARMACIST, PRESCRIBER
from ledger.log import Row
from ledger.models import LogRecord

_FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Delegation:
    """A prescriber acts for another, from one instant to another."""

    delegate: UUID
    since: datetime
    until: datetime = _FOR_EVER


@dataclass(frozen=True, slots=True)
class Staff:
    """The accounts of practices and pharmacies, and who covers for whom."""

    #: For each (account, role) the practices or pharmacies for which it acts.
    places: dict[tuple[UUID, str], set[UUID]] = field(default_factory=lambda: defaultdict(set))
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
        """Whether the account belongs to the practice or pharmacy for which it wrote the row, or covers for it."""
        if row.role not in (PRESCRIBER, DESIGNEE, PHARMACIST) or row.subject_kind == "account":
            return True
        own = self.places.get((row.actor, row.role), set())
        if row.acting_for in own:
            return True
        given = self.delegations.get(row.acting_for, []) if row.role == PRESCRIBER and row.acting_for else []
        return any(one.delegate in own and one.since <= row.at <= one.until for one in given)


def read_staff() -> Staff:
    """What the logs of practices, pharmacies and accounts say of who belongs where."""
    staff = Staff()
    kinds = ("applied", "account_opened", "account_registered", "delegate_named", "delegate_ended")
    rows = LogRecord.objects.filter(kind__in=kinds).order_by("subject", "number")
    for row in rows.iterator():
        if row.kind == "applied":
            staff.places[row.actor, row.role].add(row.subject)
            staff.applicants.setdefault(row.subject, row.actor)
        elif row.kind == "account_registered":
            officers = row.data.get("officers")
            staff.registered_from[row.subject] = officers if isinstance(officers, list) else []
        elif row.kind == "account_opened":
            if row.acting_for is not None and isinstance(row.data.get("role"), str):
                staff.places[row.subject, row.data["role"]].add(row.acting_for)
        else:
            _delegate(staff.delegations[row.subject], row)
    return staff


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
