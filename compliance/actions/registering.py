"""Register a practice or a pharmacy: account, row and application, all or nothing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import PHARMACIST, PRESCRIBER
from ledger.actor import Actor
from patients.models import Pharmacist, Pharmacy, Prescriber

from .certifying import apply
from .signing import Signature


class Taken(ValueError):
    """The NPI or the address is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who registers, and where."""

    name: str
    email: str
    password: str
    place: str
    npi: str
    phone: str
    address: str
    #: The ids that the account and the practice or pharmacy get: they are signed before there are rows.
    account: UUID = field(default_factory=uuid4)
    id: UUID = field(default_factory=uuid4)

    def actor(self, role: str) -> Actor:
        """The applicant as one who acts."""
        return Actor(self.account, role, self.id)


def practice(*, who: Applicant, signature: Signature, at: datetime, key: UUID) -> User:
    """A prescriber with a practice, who waits for the office. Raises Taken."""
    try:
        with transaction.atomic():
            user = _account(who, PRESCRIBER, Prescriber.objects.all())
            row = Prescriber.objects.create(
                id=who.id, user=user, practice_name=who.place, npi=who.npi, phone=who.phone, address=who.address
            )
            apply(
                kind="prescriber", subject=row.id, signature=signature, by=who.actor(PRESCRIBER), at=at, key=key
            )  # fmt: skip
    except IntegrityError:
        raise Taken from None
    return user


def pharmacy(*, who: Applicant, signature: Signature, at: datetime, key: UUID) -> User:
    """A pharmacy with its first pharmacist, waiting for the office. Raises Taken."""
    try:
        with transaction.atomic():
            user = _account(who, PHARMACIST, Pharmacy.objects.all())
            row = Pharmacy.objects.create(id=who.id, name=who.place, npi=who.npi, phone=who.phone, address=who.address)
            Pharmacist.objects.create(user=user, pharmacy=row)
            apply(kind="pharmacy", subject=row.id, signature=signature, by=who.actor(PHARMACIST), at=at, key=key)
    except IntegrityError:
        raise Taken from None
    return user


def _account(who: Applicant, role: str, places: QuerySet[Any]) -> User:
    """The account. Raises Taken after the same work, whichever of both is in use: nobody learns by time which."""
    user = User(id=who.account, email=who.email.lower(), name=who.name, role=role)
    user.set_password(who.password)
    in_use = [User.objects.filter(email=user.email).exists(), places.filter(npi=who.npi).exists()]
    if any(in_use):
        raise Taken
    user.save(force_insert=True)
    return user
