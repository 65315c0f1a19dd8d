"""Register a practice or a pharmacy: account, row and application, all or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import PHARMACIST, PRESCRIBER
from ledger.actor import Actor
from ledger.models import Sealed
from patients.models import Pharmacist, Pharmacy, Prescriber

from .certifying import apply


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


def practice(*, who: Applicant, attested: Mapping[str, Any], sealed: Sealed, at: datetime, key: UUID) -> User:
    """A prescriber with a practice, who waits for the office. Raises Taken."""
    try:
        with transaction.atomic():
            user = _account(who, PRESCRIBER)
            row = Prescriber.objects.create(
                user=user, practice_name=who.place, npi=who.npi, phone=who.phone, address=who.address
            )
            by = Actor(user.id, PRESCRIBER, row.id)
            apply(kind="prescriber", subject=row.id, attested=attested, sealed=[sealed], by=by, at=at, key=key)
    except IntegrityError:
        raise Taken from None
    return user


def pharmacy(*, who: Applicant, attested: Mapping[str, Any], sealed: Sealed, at: datetime, key: UUID) -> User:
    """A pharmacy with its first pharmacist, waiting for the office. Raises Taken."""
    try:
        with transaction.atomic():
            user = _account(who, PHARMACIST)
            row = Pharmacy.objects.create(name=who.place, npi=who.npi, phone=who.phone, address=who.address)
            Pharmacist.objects.create(user=user, pharmacy=row)
            by = Actor(user.id, PHARMACIST, row.id)
            apply(kind="pharmacy", subject=row.id, attested=attested, sealed=[sealed], by=by, at=at, key=key)
    except IntegrityError:
        raise Taken from None
    return user


def _account(who: Applicant, role: str) -> User:
    return User.objects.create_user(email=who.email, password=who.password, name=who.name, role=role)
