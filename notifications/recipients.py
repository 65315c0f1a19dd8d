"""Who gets a message: nobody whose account is closed, but who asks for a letter there and then (`registration`).

What is a practice's goes to the prescriber and to everybody who covers for them. Where none of them has an open
account, the program office hears of it: it hands the patients over (`office:without_prescriber`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

import outbox
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER
from accounts.zones import zone_of
from outbox.models import Message
from patients.language import language_of
from patients.models import Delegate, Designee, Guardian, Patient, Prescriber
from patients.people import in_charge
from patients.who_acts import covering

from . import numbers
from .models import Choice

#: In a message's data: who of its side it goes to; and, in one of several, the key of the message that it came from.
RECIPIENT, OF = "recipient", "of"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person, and how to write to them. `code` is the id of the account or, of a guardian, of the row."""

    code: str
    address: str
    #: Empty while no language is known.
    language: str = ""
    #: None while no zone is known: then it is the program's.
    zone: ZoneInfo | None = None
    #: Whether the way in is an invitation: there is no account yet.
    is_invited: bool = False
    account: UUID | None = None
    #: The telephone number that the file has; None where there is no file.
    number: str | None = None
    #: A designee, who gets what they chose of the practice's messages.
    by_choice: bool = False

    @property
    def owners(self) -> tuple[UUID, ...]:
        """Under which ids their preferences stand: the row, and the account, whose own count."""
        own = [UUID(self.code)] if self.code else []
        return tuple(dict.fromkeys([*own, self.account] if self.account else own))


def of_user(user: User) -> Recipient:
    """The owner of an account."""
    return Recipient(str(user.pk), user.email, language_of(user), zone_of(user), account=user.pk)


def _of_person(row: Patient | Guardian) -> Recipient:
    """A patient or a guardian, with an account or with none yet."""
    zone = zone_of(row.user) if row.user is not None else None
    return Recipient(
        str(row.pk), row.email, language_of(row), zone, is_invited=row.user is None, account=row.user_id,
        number=row.phone,
    )  # fmt: skip


def _reached(people: list[Recipient]) -> list[Recipient]:
    return [one for one in people if one.address or numbers.number_of(one.account, one.number)]


def invited(row: Patient | Guardian) -> Recipient:
    """Somebody invited: whatever they have, the letter opens with what it is about."""
    return replace(_of_person(row), code="", is_invited=True)


@dataclass(frozen=True)
class About:
    """The patient whom a message is about, with everybody on each side. A side is looked up when it is asked for."""

    patient: Patient
    #: Who covers, where that was looked up for several patients at once.
    covering: Sequence[Delegate] | None = None
    #: Whatever designees of the practice chose, where that was looked up for several patients at once.
    chosen: Sequence[tuple[str, User]] | None = None

    @cached_property
    def patients(self) -> list[Recipient]:
        """The patient; nobody where neither an address nor a number reaches them, or the account is closed."""
        user = self.patient.user
        if user is not None and not user.is_active:
            return []
        return _reached([_of_person(self.patient)])

    @cached_property
    def practice(self) -> list[Recipient]:
        """The prescriber, and those who cover, each of them once and while their account is open.

        A suspended prescriber is written to like any other: the account is open, and patients call there.
        """
        own = self.patient.prescriber.user
        users = [own] if own.is_active else []
        rows = covering(self.patient.prescriber_id) if self.covering is None else self.covering
        users += [row.delegate.user for row in rows]
        return [of_user(user) for user in dict.fromkeys(users)]

    def designees(self, kind: str) -> list[Recipient]:
        """Those who work for the prescriber and chose messages of that kind, but for who gets them anyway."""
        own = self.patient.prescriber_id
        chosen = _chosen_by_designees([own])[own] if self.chosen is None else self.chosen
        there = {one.code for one in self.practice}
        found = [replace(of_user(user), by_choice=True) for code, user in chosen if code == kind]
        return [one for one in found if one.code not in there]

    def guardians(self, *, besides: Collection[UUID]) -> list[Recipient]:
        """Every guardian with an open account, or with none yet. `besides` are those whose part has ended."""
        open_or_none = Q(user=None) | Q(user__is_active=True)
        rows = Guardian.objects.filter(open_or_none, patient=self.patient).exclude(pk__in=besides)
        return _reached([_of_person(row) for row in rows.select_related("user").order_by("id")])


def about(patient: UUID | None) -> About | None:
    """The patient of a message."""
    row = Patient.objects.select_related("user", "prescriber__user").filter(pk=patient).first() if patient else None
    return About(row) if row is not None else None


def about_each(patients: Collection[UUID]) -> dict[UUID, About]:
    """As `about` for each of them, with four queries for all."""
    rows = list(Patient.objects.select_related("user", "prescriber__user").filter(pk__in=patients))
    covers: dict[UUID, list[Delegate]] = {row.prescriber_id: [] for row in rows}
    for delegate in covering(*covers):
        covers[delegate.prescriber_id].append(delegate)
    chosen = _chosen_by_designees(list(covers))
    return {row.pk: About(row, covers[row.prescriber_id], chosen[row.prescriber_id]) for row in rows}


def _chosen_by_designees(prescribers: Collection[UUID]) -> dict[UUID, list[tuple[str, User]]]:
    """The kinds that designees of each prescriber chose, with their accounts. Two queries for all."""
    rows = Designee.objects.filter(
        prescriber__in=prescribers, ended_at=None, user__is_active=True, user__invited_email=""
    )  # fmt: skip
    designees = list(rows.select_related("user").order_by("id"))
    choices = Choice.objects.filter(side=DESIGNEE, is_on=True, owner__in={row.user_id for row in designees})
    kinds: dict[UUID, list[str]] = {}
    for owner, kind in choices.order_by("kind").values_list("owner", "kind").distinct():
        kinds.setdefault(owner, []).append(kind)
    found: dict[UUID, list[tuple[str, User]]] = {prescriber: [] for prescriber in prescribers}
    for row in designees:
        found[row.prescriber_id] += [(kind, row.user) for kind in kinds.get(row.user_id, ())]
    return found


def pharmacy(pharmacy: str) -> list[Recipient]:
    """Whoever is in charge there."""
    first = in_charge(UUID(pharmacy)) if pharmacy else None
    return [of_user(first.user)] if first else []


def office() -> list[Recipient]:
    """Every officer who has opened their account."""
    rows = User.objects.filter(opened_as=OFFICER, is_active=True, invited_email="")
    return [of_user(user) for user in rows.order_by("pk")]


def open_prescriber(prescriber: str | UUID) -> Prescriber | None:
    """The prescriber, while their account is open."""
    return Prescriber.objects.select_related("user").filter(pk=prescriber, user__is_active=True).first()


def open_account(account: str | UUID) -> User | None:
    """The account, while it is open, once its owner has opened the link to it; None where it has no address either."""
    return User.objects.filter(pk=account, is_active=True, invited_email="").exclude(email="").first()


def divide(message: Message, found: Sequence[Recipient], *, before: str = "") -> Recipient | None:
    """To whom of those found this message goes; None to nobody any more.

    The first takes it, once and for all; each other one gets a message of their own, whose key ends with who it is. So
    nobody gets two, however often a message is tried and whoever comes and goes between. Where the one who took it is
    gone, those who are there now get their own. `before` is the key of the same message to another prescriber: who got
    that one, then as who covered perhaps, gets none again. In the transaction in which the message is rendered.
    """
    code = message.data.get(RECIPIENT)
    if before and OF not in message.data:
        taken = Message.objects.filter(key=before).values_list(f"data__{RECIPIENT}", flat=True).first()
        _enqueue_for([one for one in found if one.code != taken], message, before)
        return None
    if code is None and found:
        code = found[0].code
        message.data = message.data | {RECIPIENT: code}
        Message.objects.filter(pk=message.pk).update(data=message.data)
        _enqueue_for(found[1:], message, message.key)
    elif OF not in message.data and all(one.code != code for one in found):
        _enqueue_for(found, message, message.key)
    return next((one for one in found if one.code == code), None)


def _enqueue_for(found: Sequence[Recipient], message: Message, key: str) -> None:
    own = [
        Message(
            key=f"{key}:{one.code}", kind=message.kind, subject=message.subject, due_at=message.due_at,
            data=message.data | {RECIPIENT: one.code, OF: message.key},
        )
        for one in found
    ]  # fmt: skip
    outbox.enqueue(own, at=message.enqueued_at or message.due_at)
