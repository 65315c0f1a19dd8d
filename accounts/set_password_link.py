"""The set-password link of a new account: signed, works once, and expires."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.core import signing
from django.db import IntegrityError
from django.utils.crypto import salted_hmac

from ledger.actor import Actor
from ledger.idempotency import Refused, Request, Result, once

from .events import lock, note
from .failed_attempts import reset
from .models import User

#: Seconds for which the link can be used.
LIFETIME = 14 * 24 * 3600

_SALT = "accounts.choose-password"


class LinkUsed(ValueError):
    """A password was chosen since."""


class AddressTaken(ValueError):
    """The address to which the link went has another account by now."""


def make_token(user: User) -> str:
    """The token of the link. It is valid only while the account's password state stays as it is now."""
    return signing.TimestampSigner(salt=_SALT).sign(f"{user.pk.hex}.{_state(user)}")


def user_of_token(text: str) -> User | None:
    """The account of a link; None for one that was not made here, ended, was used, or is of a closed account."""
    account, state = _parts(text)
    user = User.objects.filter(pk=account, is_active=True).first() if account is not None else None
    return user if user is not None and not user.has_usable_password() and state == _state(user) else None


def account_of(text: str) -> UUID | None:
    """The account of a link that was made here and has not ended, also of one that was used."""
    return _parts(text)[0]


def _parts(text: str) -> tuple[UUID | None, str]:
    try:
        account, _, state = signing.TimestampSigner(salt=_SALT).unsign(text, max_age=LIFETIME).partition(".")
        return UUID(account), state
    except (signing.BadSignature, ValueError):
        return None, ""


def set_password(user: User, password: str, *, at: datetime, key: UUID) -> bool:
    """The owner of a link sets the password. False where the same request did so before.

    Raises LinkUsed for the second of two at once, AddressTaken, KeyReused.
    """
    by = Actor(user.pk, user.opened_as)
    request = Request(action="choose-password", by=by, at=at, key=key, body={"link": _state(user)})
    answer = once(request, partial(lock, user.pk), partial(_choose, user, password, request))
    if answer["codes"]:
        raise AddressTaken if answer["codes"] == ["email-taken"] else LinkUsed
    return not answer["repeated"]


def _choose(user: User, password: str, request: Request, _locked: bool) -> Result:
    owner = User.objects.get(pk=user.pk)
    if owner.password != user.password:
        return Result(codes=("used",), subject=owner.pk)
    if owner.address_is_taken:
        return Result(codes=("email-taken",), subject=owner.pk)
    owner.take_address()
    owner.set_password(password)
    try:
        owner.save(update_fields=["password", "email", "invited_email"])
    except IntegrityError:  # somebody else has just taken it
        raise Refused("email-taken", subject=owner.pk) from None
    reset(owner)
    numbers = note(owner.pk, "password_chosen", by=request.by, at=request.at, key=request.key)
    return Result(subject=owner.pk, records=numbers, answer={"account": str(owner.pk)})


def _state(user: User) -> str:
    # Where no password can be used there stands a random text instead: another one each time an account is recovered.
    # And no link that went to another address than the present one.
    return salted_hmac(_SALT, f"{user.address}:{user.password}", algorithm="sha256").hexdigest()[:32]
