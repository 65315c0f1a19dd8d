"""Accounts that a person of the program opens for another, or closes: designees, and colleagues at a counter."""

from datetime import datetime
from uuid import uuid4

from django.db import IntegrityError, transaction

import outbox
from accounts import sessions
from accounts.events import note
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER, PHARMACIST, PRESCRIBER
from ledger.actor import Actor
from outbox.models import Message
from patients.models import Designee, Pharmacist, Pharmacy, Prescriber
from patients.people import in_charge

from .decide import NotPermitted


class EmailTaken(ValueError):
    """There is an account with that address."""


class NotChanged(ValueError):
    """The account is closed already, or open."""


def add_designee(*, prescriber: Prescriber, name: str, email: str, by: Actor, at: datetime) -> Designee:
    """An account that acts for this prescriber alone. Its owner chooses the password by a link."""
    with transaction.atomic():
        user = new_account(name=name, email=email, role=DESIGNEE, by=by, at=at)
        return Designee.objects.create(user=user, prescriber=prescriber)


def add_pharmacist(*, pharmacy: Pharmacy, name: str, email: str, by: Actor, at: datetime) -> Pharmacist:
    """An account at this pharmacy's counter. Its owner chooses the password by a link."""
    with transaction.atomic():
        user = new_account(name=name, email=email, role=PHARMACIST, by=by, at=at)
        return Pharmacist.objects.create(user=user, pharmacy=pharmacy)


def new_account(*, name: str, email: str, role: str, by: Actor, at: datetime) -> User:
    """An account without a password, and the message by which its owner chooses one. Raises EmailTaken.

    Who opened it stands first in its log.
    """
    address = email.lower()
    if User.objects.filter(email=address).exists():
        raise EmailTaken
    try:
        user = User.objects.create_user(email=address, password=None, name=name, role=role)
    except IntegrityError:  # somebody else has just taken it
        raise EmailTaken from None
    note(user.pk, "account_opened", by=by, at=at, data={"role": role})
    message = Message(
        id=uuid4(), key=f"account:{user.id}", kind="account", subject=None, data={"account": str(user.id)}, due_at=at
    )
    outbox.lay([message], at=at)
    return user


def close(*, account: User, by: Actor, at: datetime) -> None:
    """From now on nobody signs in to it or acts by it; whoever is signed in is out. What they entered stays.

    Raises NotPermitted, or NotChanged.
    """
    if not may_close(account, by):
        raise NotPermitted
    with transaction.atomic():
        _set_open(account, False)
        note(account.pk, "account_closed", by=by, at=at)
        sessions.end_all(account)


def reopen(*, account: User, by: Actor, at: datetime) -> None:
    """It opens again, with the password and the factors that it had. Raises NotPermitted, or NotChanged."""
    if by.role != OFFICER or by.account == account.pk:
        raise NotPermitted
    with transaction.atomic():
        _set_open(account, True)
        note(account.pk, "account_reopened", by=by, at=at)


def may_close(account: User, by: Actor) -> bool:
    """A prescriber closes a designee's, who is in charge at a pharmacy a colleague's, an officer any but their own."""
    if account.pk == by.account:
        return False
    if by.role == PRESCRIBER:
        return Designee.objects.filter(user=account, prescriber__user=by.account).exists()
    if by.role == PHARMACIST:
        colleague = Pharmacist.objects.select_related("pharmacy").filter(user=account).first()
        first = in_charge(colleague.pharmacy) if colleague else None
        return first is not None and first.user_id == by.account
    return by.role == OFFICER


def _set_open(account: User, is_active: bool) -> None:
    if not User.objects.filter(pk=account.pk, is_active=not is_active).update(is_active=is_active):
        raise NotChanged
