"""Preferences: by which channels somebody gets a kind of message. Asked just before each message is sent.

What the program requires goes by one channel at least, whatever was chosen: by the first that reaches its reader. What
designees get, and all that is optional, goes only by the channels that are on. Where an address or a number takes
nothing, it is as if there were only the other one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from accounts.events import lock
from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance.commands.decide import NotPermitted
from compliance.rules.blockers import OFFICE, PHARMACY
from ledger.actor import Actor
from ledger.idempotency import Refused, Request, Result, once
from outbox import unreachable
from outbox.channels import CHANNELS, EMAIL, SMS
from patients.models import Guardian, Patient

from . import numbers
from .kinds import KINDS, Kind
from .models import Choice
from .recipients import Recipient

#: On which side of the table each role stands.
SIDE_OF_ROLE: Mapping[str, str] = {
    PATIENT: PATIENT, GUARDIAN: GUARDIAN, PRESCRIBER: PRESCRIBER, DESIGNEE: DESIGNEE, PHARMACIST: PHARMACY,
    OFFICER: OFFICE,
}  # fmt: skip


class NoneLeft(ValueError):
    """What must reach its reader was switched off on every channel."""


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """One kind by one channel, for one side: what is on or off."""

    side: str
    kind: str
    channel: str

    @property
    def code(self) -> str:
        """Its name in a form."""
        return f"{self.side}.{self.kind}.{self.channel}"


@dataclass(frozen=True, slots=True)
class Row:
    """A kind that somebody may get on one side, with the channels that reach them and those that are on."""

    side: str
    kind: Kind
    reach: tuple[str, ...]
    on: frozenset[str]

    @property
    def is_required(self) -> bool:
        """Whether one channel stays on."""
        return is_required(self.side, self.kind)

    @property
    def free(self) -> tuple[str, ...]:
        """The channels that can be switched."""
        return () if self.is_required and len(self.reach) == 1 else self.reach

    def box(self, channel: str) -> Box:
        """The kind by that channel."""
        return Box(self.side, self.kind.code, channel)


def is_required(side: str, kind: Kind) -> bool:
    """Whether it reaches who stands on that side whatever they chose."""
    return side != DESIGNEE and not kind.optional


@dataclass(frozen=True, slots=True)
class Ways:
    """How a kind may reach somebody: by which channels, which of them take nothing, and what was chosen."""

    side: str
    kind: Kind
    reach: tuple[str, ...]
    silent: frozenset[str]
    chosen: Mapping[Box, bool]

    def live(self, besides: str = "") -> tuple[str, ...]:
        """The channels that are left without those that take nothing, or all where none does; besides one.

        Those of the kind's own; only where none of them is left, what goes in their place.
        """
        live = tuple(one for one in self.reach if one not in self.silent) or self.reach
        left = tuple(one for one in live if one != besides)
        return tuple(one for one in left if one in self.kind.channels) or left

    def on(self, besides: str = "") -> tuple[str, ...]:
        """By which it goes; where it cannot go by that one."""
        return _on(self.side, self.kind, self.live(besides), self.chosen)


def ways(to: Recipient, side: str, kind: Kind) -> Ways:
    """How that person gets a message of that kind now."""
    if to.account is None and not to.code:  # an address, or a number, of which no more is known
        return Ways(side, kind, kind.channels, frozenset(), {})
    number = numbers.number_of(to.account, to.number)
    silent = _silent(to.address, number)
    if kind.in_digest and side in (PRESCRIBER, DESIGNEE):
        silent -= {EMAIL}  # it stays a line: of the digest as a whole it is asked, so that one text goes in its place
    return Ways(side, kind, _reach(to.address, number, kind), silent, _choices(to.owners))


def channels(to: Recipient, side: str, kind: Kind) -> tuple[str, ...]:
    """By which channels that person gets a message of that kind now; none where they want none."""
    return ways(to, side, kind).on()


def by_channel(to: Recipient, channel: str, asked: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Which of these, a side and a kind's code each, go to that person as a line of a digest by that channel now.

    By three queries for all.
    """
    number, chosen = numbers.number_of(to.account, to.number), _choices(to.owners)
    silent = _silent(to.address, number) - {EMAIL}
    return frozenset(
        (side, code)
        for side, code in asked
        if channel in Ways(side, KINDS[code], _reach(to.address, number, KINDS[code]), silent, chosen).on()
    )


def _reach(address: str, number: str, kind: Kind) -> tuple[str, ...]:
    found = {EMAIL: bool(address), SMS: bool(number)}
    return tuple(channel for channel in (*kind.channels, *kind.instead) if found[channel])


def _silent(address: str, number: str) -> frozenset[str]:
    """Which of the two take nothing; asked where there are both, since otherwise nothing could go in its place."""
    if not (address and number):
        return frozenset()
    found = unreachable.since([address, number])
    return frozenset(channel for channel, where in ((EMAIL, address), (SMS, number)) if where in found)


def _on(side: str, kind: Kind, reach: tuple[str, ...], chosen: Mapping[Box, bool]) -> tuple[str, ...]:
    default = reach[:1] if side != DESIGNEE else ()
    on = tuple(one for one in reach if chosen.get(Box(side, kind.code, one), one in default))
    return on or (reach[:1] if is_required(side, kind) else ())


def _choices(owners: Sequence[UUID]) -> dict[Box, bool]:
    """What was chosen; what a later one of the owners chose counts. One query."""
    rows = Choice.objects.filter(owner__in=owners).values_list("owner", "side", "kind", "channel", "is_on")
    ordered = sorted(rows, key=lambda row: owners.index(row[0]))
    return {Box(*row[1:4]): row[4] for row in ordered}


def rows_of(user: User) -> list[Row]:
    """What the owner of an account may get, in all their places, and what of it is on."""
    chosen, sides = _choices(_owners(user)), dict.fromkeys(SIDE_OF_ROLE[place.role] for place in user.places)
    return [row for side in sides for row in _rows(side, user.email, _number(user, side), chosen)]


def _number(user: User, side: str) -> str:
    if side in (PATIENT, GUARDIAN):
        return numbers.number_in_file(user, Patient if side == PATIENT else Guardian)
    return numbers.number_of(user.pk)


def _owners(user: User) -> list[UUID]:
    """The rows from before there was an account, and the account, whose own choice counts."""
    people = [*Patient.objects.filter(user=user).values_list("pk", flat=True)]
    people += Guardian.objects.filter(user=user).values_list("pk", flat=True)
    return [*people, user.pk]


def _rows(side: str, address: str, number: str, chosen: Mapping[Box, bool]) -> Iterator[Row]:
    """An address that takes nothing keeps its boxes: what is chosen counts again once it is corrected."""
    silent = _silent(address, number) - {EMAIL}
    for kind in KINDS.values():
        if kind.is_for(side):
            reach = tuple(one for one in _reach(address, number, kind) if one in kind.channels)
            way = Ways(side, kind, reach, silent, chosen)
            yield Row(side, kind, way.live(), frozenset(way.on()))


def save(*, user: User, on: Collection[Box], off: Collection[Box], by: Actor, at: datetime, key: UUID) -> None:
    """Switch those boxes on, and those off; all others stay as they are. Boxes that are not the reader's are refused.

    Raises NoneLeft where a kind that is required would be off on every channel, NotPermitted, KeyReused.
    """
    if by.account != user.pk:
        raise NotPermitted
    wanted = dict.fromkeys(on, True) | dict.fromkeys(off, False)
    body = {box.code: is_on for box, is_on in sorted(wanted.items())}
    request = Request(action="choose-messages", by=by, at=at, key=key, body=body)
    answer = once(request, partial(_lock, user.pk), partial(_save, wanted, request))
    if answer["codes"]:
        raise NoneLeft


def _lock(account: UUID) -> User:
    """The account, locked. Raises NotPermitted where it is closed."""
    user = User.objects.filter(pk=account, is_active=True).first() if lock(account) else None
    if user is None:
        raise NotPermitted
    return user


def _save(wanted: Mapping[Box, bool], request: Request, user: User) -> Result:
    rows = rows_of(user)
    if not wanted.keys() <= {row.box(channel) for row in rows for channel in row.free}:
        raise NotPermitted
    for row in rows:
        left = {one for one in row.reach if wanted.get(row.box(one), one in row.on)}
        if row.is_required and row.reach and not left:
            raise Refused("none-left", subject=user.pk)
    write(user.pk, wanted, at=request.at)
    return Result(subject=user.pk)


def write(owner: UUID, wanted: Mapping[Box, bool], *, at: datetime) -> None:
    """Write what somebody chose, in the caller's transaction."""
    Choice.objects.bulk_create(
        [
            Choice(owner=owner, side=box.side, kind=box.kind, channel=box.channel, is_on=is_on, at=at)
            for box, is_on in wanted.items()
        ],
        update_conflicts=True, unique_fields=["owner", "side", "kind", "channel"], update_fields=["is_on", "at"],
    )  # fmt: skip


def listed() -> frozenset[str]:
    """The codes of all boxes that there are."""
    sides = SIDE_OF_ROLE.values()
    return frozenset(
        Box(side, kind.code, channel).code
        for side in sides for kind in KINDS.values() if kind.is_for(side) for channel in CHANNELS
    )  # fmt: skip
