"""Accounts that a person of the program opens for another: designees, and colleagues at a counter."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

import outbox
from accounts.models import User
from accounts.roles import DESIGNEE, PHARMACIST
from outbox.models import Message
from patients.models import Designee, Pharmacist, Pharmacy, Prescriber


class EmailTaken(ValueError):
    """There is an account with that address."""


def add_designee(*, prescriber: Prescriber, name: str, email: str, at: datetime) -> Designee:
    """An account that acts for this prescriber alone. Its owner chooses the password by a link."""
    with transaction.atomic():
        user = new_account(name=name, email=email, role=DESIGNEE, at=at)
        return Designee.objects.create(user=user, prescriber=prescriber)


def add_pharmacist(*, pharmacy: Pharmacy, name: str, email: str, at: datetime) -> Pharmacist:
    """An account at this pharmacy's counter. Its owner chooses the password by a link."""
    with transaction.atomic():
        user = new_account(name=name, email=email, role=PHARMACIST, at=at)
        return Pharmacist.objects.create(user=user, pharmacy=pharmacy)


def new_account(*, name: str, email: str, role: str, at: datetime) -> User:
    """An account without a password, and the message by which its owner chooses one. Raises EmailTaken."""
    address = email.lower()
    if User.objects.filter(email=address).exists():
        raise EmailTaken
    user = User.objects.create_user(email=address, password=None, name=name, role=role)
    message = Message(
        id=uuid4(), key=f"account:{user.id}", kind="account", subject=None, data={"account": str(user.id)}, due_at=at
    )
    outbox.lay([message], at=at)
    return user
