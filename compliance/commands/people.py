"""Creation and deactivation of accounts by another person: designees, and colleagues at a counter."""

from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.db.models import QuerySet

import outbox
from accounts import calendar_feeds, sessions
from accounts.erased import is_erased
from accounts.events import is_open, lock_by, note, still_open
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER, PHARMACIST, PRESCRIBER
from accounts.two_officers import LIFETIME, Asked
from ledger.actor import Actor
from ledger.idempotency import Answer, Request, Result, once
from ledger.models import LogRecord
from outbox.models import Message
from patients.models import Designee, Pharmacist, Pharmacy, Prescriber
from patients.people import in_charge

from . import order
from .decide import NotPermitted


class NotChanged(ValueError):
    """The account is closed already, or open."""


def add_designee(*, prescriber: Prescriber, name: str, email: str, by: Actor, at: datetime, key: UUID) -> Designee:
    """An account that acts for this prescriber alone, who adds it. Its owner chooses the password by a link.

    The same whether the address has an account: only the letter to it says so. Raises NotPermitted, KeyReused.
    """
    if by.role != PRESCRIBER or by.account != prescriber.user_id:
        raise NotPermitted
    body = {"prescriber": str(prescriber.pk), "name": name, "email": email.lower()}
    request = Request(action="add-designee", by=by, at=at, key=key, body=body)
    work = partial(_add_designee, prescriber, name, email.lower(), request)
    answer = once(request, partial(_check_open, by), work, still=still_open(by))
    return Designee.objects.select_related("user").get(pk=answer["row"])


def _add_designee(prescriber: Prescriber, name: str, email: str, request: Request, _locked: None) -> Result:
    user = new_account(name=name, email=email, role=DESIGNEE, request=request)
    row = Designee.objects.create(user=user, prescriber=prescriber)
    return Result(subject=user.pk, answer={"account": str(user.pk), "row": str(row.pk)})


def add_pharmacist(*, pharmacy: Pharmacy, name: str, email: str, by: Actor, at: datetime, key: UUID) -> Pharmacist:
    """An account at this pharmacy's counter, by somebody of it. Its owner chooses the password by a link.

    The same whether the address has an account: only the letter to it says so. Raises NotPermitted, KeyReused.
    """
    if by.role != PHARMACIST or by.acting_for != pharmacy.pk:
        raise NotPermitted
    body = {"pharmacy": str(pharmacy.pk), "name": name, "email": email.lower()}
    request = Request(action="add-pharmacist", by=by, at=at, key=key, body=body)
    work = partial(_add_pharmacist, pharmacy, name, email.lower(), request)
    answer = once(request, partial(_check_open, by), work, still=still_open(by))
    return Pharmacist.objects.select_related("user").get(pk=answer["row"])


def _add_pharmacist(pharmacy: Pharmacy, name: str, email: str, request: Request, _locked: None) -> Result:
    user = new_account(name=name, email=email, role=PHARMACIST, request=request)
    row = Pharmacist.objects.create(user=user, pharmacy=pharmacy)
    return Result(subject=user.pk, answer={"account": str(user.pk), "row": str(row.pk)})


def new_account(*, name: str, email: str, role: str, request: Request) -> User:
    """An account without a password, and the message by which its owner chooses one, as work of that request.

    Who opened it stands first in its log.
    """
    user = _account(name=name, email=email, role=role, request=request)
    _send_link(user.pk, 0, request.at)
    return user


def _account(*, name: str, email: str, role: str, request: Request) -> User:
    user = User.objects.invite(email=email, name=name, role=role)
    note(user.pk, "account_opened", by=request.by, at=request.at, data={"role": role}, key=request.key)
    return user


def _send_link(account: UUID, number: int, at: datetime) -> None:
    """Enqueue the message by which the owner chooses the password; `number` is the record that opened it anew."""
    key = f"account:{account}:{number}" if number else f"account:{account}"
    message = Message(id=uuid4(), key=key, kind="account", subject=None, data={"account": str(account)}, due_at=at)
    outbox.enqueue([message], at=at)


def deactivate(*, account: User, by: Actor, at: datetime, key: UUID) -> bool:
    """From now on nobody signs in to it or acts by it; whoever is signed in is out. What they entered stays.

    A practice or a pharmacy ends the place with it alone, where the account holds others.
    An officer's account is closed by two officers: False where this one is the first who asks for it.
    Raises NotPermitted, NotChanged, KeyReused.
    """
    if not may_deactivate(account, by):
        raise NotPermitted
    request = Request(action="close-account", by=by, at=at, key=key, body={"account": str(account.pk)})
    return _change(once(request, partial(_lock, account, by), partial(_close, account, request), still=still_open(by)))


def _close(account: User, request: Request, _locked: None) -> Result:
    if (asked := _ask_first(account, CLOSING_ASKED, request, was_open=True)) is not None:
        return asked
    if request.by.role != OFFICER and len(User.objects.get(pk=account.pk).places) > 1:
        return _end_place(account, request)
    if not _set_active(account, False):
        return Result(codes=("closed-already",), subject=account.pk)
    request.follow(order.latest("account", account.pk, request.at))
    numbers = note(account.pk, "account_closed", by=request.by, at=request.at, key=request.key)
    sessions.end_all(account)
    calendar_feeds.end_all(account)
    return Result(subject=account.pk, records=numbers)


def _end_place(account: User, request: Request) -> Result:
    """The account goes on in its other places; its next request in this one finds nothing."""
    by = request.by
    request.follow(order.latest("account", account.pk, request.at))
    if by.role == PRESCRIBER:
        role, designees = DESIGNEE, Designee.objects.filter(user=account, prescriber=by.acting_for, ended_at=None)
        done = designees.update(ended_at=request.at)
    else:
        role, counters = PHARMACIST, Pharmacist.objects.filter(user=account, pharmacy=by.acting_for, ended_at=None)
        done = counters.update(ended_at=request.at)
    if not done:
        return Result(codes=("closed-already",), subject=account.pk)
    numbers = note(account.pk, "place_ended", by=by, at=request.at, data={"role": role}, key=request.key)
    # As when the account is closed: who ends it learns nothing of the other places, and leaves no session behind.
    sessions.end_all(account)
    return Result(subject=account.pk, records=numbers)


def reactivate(*, account: User, by: Actor, at: datetime, key: UUID) -> bool:
    """It opens again, with the password and the factors that it had.

    An officer's account is opened by two officers: False where this one is the first who asks for it.
    Raises NotPermitted, NotChanged, KeyReused.
    """
    if by.role != OFFICER or by.account == account.pk:
        raise NotPermitted
    request = Request(action="reopen-account", by=by, at=at, key=key, body={"account": str(account.pk)})
    return _change(once(request, partial(_lock, account, by), partial(_reopen, account, request), still=still_open(by)))


def _reopen(account: User, request: Request, _locked: None) -> Result:
    if is_erased(User.objects.get(pk=account.pk)):
        return Result(codes=("erased",), subject=account.pk)
    if (asked := _ask_first(account, OPENING_ASKED, request, was_open=False)) is not None:
        return asked
    if not _set_active(account, True):
        return Result(codes=("open-already",), subject=account.pk)
    numbers = note(account.pk, "account_reopened", by=request.by, at=request.at, key=request.key)
    if account.opened_as == OFFICER and not User.objects.get(pk=account.pk).has_usable_password():
        _send_link(account.pk, numbers[-1], request.at)
    return Result(subject=account.pk, records=numbers)


def _lock(account: User, by: Actor) -> None:
    """Locks the account, while that of who acts is open. Raises NotPermitted."""
    if not lock_by(account.pk, by=by.account):
        raise NotPermitted


def _check_open(by: Actor) -> None:
    """The account of who acts is open, and stays so. Raises NotPermitted."""
    if not is_open(by.account):
        raise NotPermitted


def _change(answer: Answer) -> bool:
    if answer["codes"]:
        raise NotChanged(*answer["codes"])
    return not answer.get("asked", False)


#: What one officer asks for about another officer's account, until a second one asks for the same.
CLOSING_ASKED, OPENING_ASKED = "closing_asked", "opening_asked"

#: How long a second officer can confirm it.
ASKED_FOR = LIFETIME

_ASKED = Asked(subject_kind="account", asks=(CLOSING_ASKED, OPENING_ASKED), ends=("account_closed", "account_reopened"))


def waiting_officers(at: datetime) -> QuerySet[LogRecord]:
    """What officers have asked for about officers' accounts, and no second one has confirmed yet; oldest first."""
    return _ASKED.waiting(at)


def _ask_first(account: User, kind: str, request: Request, *, was_open: bool) -> Result | None:
    """Write down that this officer asks for it, where no other one has; None where it is to be done now."""
    if account.opened_as != OFFICER or User.objects.get(pk=account.pk).is_active != was_open:
        return None
    if _ASKED.by_another(kind, account.pk, request.by.account, request.at) is not None:
        return None
    numbers = note(account.pk, kind, by=request.by, at=request.at, key=request.key)
    return Result(subject=account.pk, records=numbers, answer={"asked": True})


def add_officer(*, name: str, email: str, by: Actor, at: datetime, key: UUID) -> UUID:
    """The account of another officer, closed until a second officer opens it. Raises NotPermitted, KeyReused."""
    if by.role != OFFICER:
        raise NotPermitted
    body = {"name": name, "email": email.lower()}
    request = Request(action="add-officer", by=by, at=at, key=key, body=body)
    work = partial(_add_officer, name, email.lower(), request)
    return UUID(once(request, partial(_check_open, by), work, still=still_open(by))["account"])


def _add_officer(name: str, email: str, request: Request, _locked: None) -> Result:
    user = _account(name=name, email=email, role=OFFICER, request=request)
    _set_active(user, False)
    numbers = note(user.pk, OPENING_ASKED, by=request.by, at=request.at, key=request.key)
    return Result(subject=user.pk, records=numbers, answer={"account": str(user.pk)})


def may_deactivate(account: User, by: Actor) -> bool:
    """A prescriber closes a designee's, who is in charge at a pharmacy a colleague's, an officer any but their own."""
    if account.pk == by.account:
        return False
    if by.role == PRESCRIBER:
        rows = Designee.objects.filter(user=account, prescriber=by.acting_for, ended_at=None)
        return rows.filter(prescriber__user=by.account).exists()
    if by.role == PHARMACIST and by.acting_for is not None:
        first = in_charge(by.acting_for)
        is_colleague = Pharmacist.objects.filter(user=account, pharmacy=by.acting_for, ended_at=None).exists()
        return is_colleague and first is not None and first.user_id == by.account
    return by.role == OFFICER


def _set_active(account: User, is_active: bool) -> bool:
    """Whether that is a change."""
    return bool(User.objects.filter(pk=account.pk, is_active=not is_active).update(is_active=is_active))
