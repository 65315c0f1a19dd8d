"""Register a practice or a pharmacy: account, row and application, all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError
from django.db.models import QuerySet

import outbox
from accounts import registration_link
from accounts.events import note
from accounts.models import User
from accounts.roles import PHARMACIST, PRESCRIBER
from compliance.records.programs import DEFAULT
from compliance.signatures import Signature
from ledger.actor import Actor
from ledger.idempotency import Refused, Request, Result, no_lock, once
from patients.models import Pharmacist, Pharmacy, Prescriber

from .certifying import apply
from .own_applications import REGISTERED

#: What is registered.
What = Literal["practice", "pharmacy"]


class Taken(ValueError):
    """The NPI or the address is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """The applicant: person, practice or pharmacy, address."""

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
    #: The officers from whose browser it comes: none of them approves it.
    officers: tuple[UUID, ...] = ()

    def actor(self, role: str) -> Actor:
        """The applicant as one who acts."""
        return Actor(self.account, role, self.id)


def ask(*, email: str, what: What, at: datetime, key: UUID) -> None:
    """Somebody wants to register with that address: a letter goes to it. The same work whosever it is.

    One letter in five minutes, however often it is asked for. Raises KeyReused.
    """
    by = Actor(uuid5(_REGISTERING, email.lower()), "applicant")
    request = Request(action="ask-registration", by=by, at=at, key=key, body={"email": email.lower(), "what": what})
    once(request, no_lock, partial(_ask, email.lower(), what, request))


def _ask(email: str, what: What, request: Request, _locked: None) -> Result:
    minute = request.at.minute - request.at.minute % 5
    outbox.enqueue_sealed(
        {"address": email, "what": what}, kind="registration", at=request.at,
        until=request.at + registration_link.LIFETIME,
        key=f"registration:{request.by.account}:{what}:{request.at:%Y-%m-%dT%H}:{minute}",
    )  # fmt: skip
    return Result()


def practice(*, who: Applicant, signature: Signature, at: datetime, key: UUID) -> User:
    """A prescriber with a practice, who waits for the office. Raises Taken, KeyReused.

    The same request once more gets the account that the first one opened: not `who.account`, which is a new one.
    """
    return _register(who, signature, _request("register-practice", who, signature, at, key), _practice)


def pharmacy(*, who: Applicant, signature: Signature, at: datetime, key: UUID) -> User:
    """A pharmacy with its first pharmacist, waiting for the office. Raises Taken, KeyReused; see `practice`."""
    return _register(who, signature, _request("register-pharmacy", who, signature, at, key), _pharmacy)


def _request(action: str, who: Applicant, signature: Signature, at: datetime, key: UUID) -> Request:
    """The request of somebody who has no account yet: whoever has the key of the form."""
    by = Actor(uuid5(_REGISTERING, str(key)), "applicant")
    names = ("name", "email", "place", "npi", "phone", "address")
    body = {name: getattr(who, name) for name in names} | {"signed": signature.request_body()}
    return Request(action=action, by=by, at=at, key=key, body=body)


#: Under this name whoever registers acts: none of them is an account.
_REGISTERING = UUID("53f2d5a1-4a0e-5b6c-9d4e-0b7f5f0a9c11")

Work = Callable[[Applicant, Signature, Request, None], Result]


def _register(who: Applicant, signature: Signature, request: Request, work: Work) -> User:
    answer = once(request, no_lock, partial(work, who, signature, request))
    if answer["codes"]:
        raise Taken
    return User.objects.get(pk=answer["account"])


def _practice(who: Applicant, signature: Signature, request: Request, _locked: None) -> Result:
    user = _account(who, PRESCRIBER, Prescriber.objects.all())
    try:
        Prescriber.objects.create(
            id=who.id,
            user=user,
            practice_name=who.place,
            npi=who.npi,
            phone=who.phone,
            address=who.address,
            program=DEFAULT.code,
        )
    except IntegrityError:  # somebody else has just taken it
        raise Refused("taken") from None
    _note_account(who, PRESCRIBER, request)
    numbers = apply(
        kind="prescriber", subject=who.id, signature=signature, by=who.actor(PRESCRIBER), at=request.at,
        key=request.key,
    )  # fmt: skip
    return Result(subject=who.id, records=numbers, answer={"account": str(user.pk)})


def _pharmacy(who: Applicant, signature: Signature, request: Request, _locked: None) -> Result:
    user = _account(who, PHARMACIST, Pharmacy.objects.all())
    try:
        row = Pharmacy.objects.create(
            id=who.id, name=who.place, npi=who.npi, phone=who.phone, address=who.address, program=DEFAULT.code
        )
    except IntegrityError:
        raise Refused("taken") from None
    Pharmacist.objects.create(user=user, pharmacy=row)
    _note_account(who, PHARMACIST, request)
    numbers = apply(
        kind="pharmacy", subject=who.id, signature=signature, by=who.actor(PHARMACIST), at=request.at, key=request.key
    )
    return Result(subject=who.id, records=numbers, answer={"account": str(user.pk)})


def _note_account(who: Applicant, role: str, request: Request) -> None:
    """Write down in the account's log that it began so, and from whose browser."""
    data = {"role": role, "officers": [str(officer) for officer in who.officers]}
    note(who.account, REGISTERED, by=who.actor(role), at=request.at, data=data, key=request.key)


def _account(who: Applicant, role: str, places: QuerySet[Any]) -> User:
    """The account. Raises Refused after the same work, whichever of both is in use: nobody learns by time which."""
    user = User(id=who.account, email=who.email.lower(), name=who.name, opened_as=role)
    user.set_password(who.password)
    in_use = [User.objects.filter(email=user.email).exists(), places.filter(npi=who.npi).exists()]
    if any(in_use):
        raise Refused("taken")
    try:
        user.save(force_insert=True)
    except IntegrityError:
        raise Refused("taken") from None
    return user
