"""The number to which text messages to an account go, once its owner has typed a code that was sent there.

A number that was typed wrong gets one text with a code in it, and nothing more. So many go in a day, whoever asks.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from hmac import compare_digest
from uuid import UUID

from django.db.models import Sum
from django.utils.crypto import salted_hmac

import outbox
from accounts.events import lock
from accounts.models import TextNumber, User
from ledger.actor import Actor
from ledger.idempotency import Request, Result, once
from outbox import sms, unreachable
from outbox.channels import SMS

from .decide import NotPermitted

#: The kind of the text with the code.
KIND = "number-confirm"
#: How long a code is good; how often a wrong one may be typed; how many go in a day, to one account and to one number.
GOOD_FOR, TRIES = timedelta(minutes=10), 5
DAY, PER_ACCOUNT, PER_NUMBER = timedelta(days=1), 5, 8

_PURPOSE = "compliance.text-number"


class TooManyCodes(ValueError):
    """Enough codes were sent to that account, or to that number, for a day."""


class WrongCode(ValueError):
    """That is not the code that was sent."""


class CodeOver(ValueError):
    """No code is good any more: it is too old, was tried too often, or was used."""


def ask(*, user: User, number: str, by: Actor, at: datetime, key: UUID) -> None:
    """Send a code to that number (E.164). Raises TooManyCodes, NotPermitted, KeyReused."""
    _be_owner(user, by)
    request = Request(action="ask-text-number", by=by, at=at, key=key, body={"number": number})
    answer = once(request, partial(_lock, user.pk), partial(_ask, number, request))
    if answer["codes"]:
        raise TooManyCodes


def _be_owner(user: User, by: Actor) -> None:
    if by.account != user.pk:
        raise NotPermitted


def _lock(account: UUID) -> TextNumber:
    """The account's row of this, under the account's lock. Raises NotPermitted where the account is closed."""
    if not lock(account) or not User.objects.filter(pk=account, is_active=True).exists():
        raise NotPermitted
    return TextNumber.objects.get_or_create(user_id=account)[0]


def _ask(number: str, request: Request, row: TextNumber) -> Result:
    at = request.at
    if row.sent_since is None or row.sent_since <= at - DAY:
        row.sent, row.sent_since = 0, at
    if row.sent >= PER_ACCOUNT or _sent_to(number, at) >= PER_NUMBER:
        return Result(codes=("too-many",), subject=row.user_id)
    code = f"{secrets.randbelow(10**6):06d}"
    row.asked_number, row.code, row.code_until, row.wrong = number, _hash(row, number, code), at + GOOD_FOR, 0
    row.sent += 1
    row.save()
    facts = {"account": str(row.user_id), "number": number, "code": code}
    outbox.enqueue_sealed(facts, kind=KIND, at=at, until=row.code_until, channel=SMS)
    return Result(subject=row.user_id)


def _sent_to(number: str, at: datetime) -> int:
    """How many codes went to that number within a day, whoever asked."""
    rows = TextNumber.objects.filter(asked_number=number, sent_since__gt=at - DAY)
    return rows.aggregate(sent=Sum("sent"))["sent"] or 0


def _hash(row: TextNumber, number: str, code: str) -> str:
    return salted_hmac(_PURPOSE, f"{row.user_id}:{number}:{code}", algorithm="sha256").hexdigest()


def confirm(*, user: User, code: str, by: Actor, at: datetime, key: UUID) -> None:
    """The owner types the code: text messages go to that number.

    Raises WrongCode, CodeOver, NotPermitted, KeyReused.
    """
    _be_owner(user, by)
    typed = "".join(code.split())
    request = Request(action="confirm-text-number", by=by, at=at, key=key, body={"code": typed})
    answer = once(request, partial(_lock, user.pk), partial(_confirm, typed, request))
    if "wrong" in answer["codes"]:
        raise WrongCode
    if answer["codes"]:
        raise CodeOver


def _confirm(code: str, request: Request, row: TextNumber) -> Result:
    if not row.code or row.code_until is None or request.at > row.code_until or row.wrong >= TRIES:
        return Result(codes=("over",), subject=row.user_id)
    if not compare_digest(row.code, _hash(row, row.asked_number, code)):
        row.wrong += 1
        row.save(update_fields=["wrong"])
        return Result(codes=("wrong",), subject=row.user_id)
    # Whoever reads the code there has it in hand: that it took nothing before is over.
    unreachable.forget(row.asked_number)
    row.number, row.confirmed_at = row.asked_number, request.at
    row.code, row.code_until = "", None
    row.save()
    return Result(subject=row.user_id)


def remove(*, user: User, by: Actor, at: datetime, key: UUID) -> None:
    """The owner wants no text messages any more. Raises NotPermitted, KeyReused."""
    _be_owner(user, by)
    request = Request(action="remove-text-number", by=by, at=at, key=key, body={})
    once(request, partial(_lock, user.pk), _remove)


def _remove(row: TextNumber) -> Result:
    unreachable.forget(row.number)
    row.number, row.confirmed_at, row.code, row.code_until = "", None, "", None
    row.save()
    return Result(subject=row.user_id)


def forget(accounts: Collection[UUID]) -> None:
    """Nothing of the numbers of these accounts is left."""
    rows = TextNumber.objects.filter(user__in=accounts)
    numbers = {number for pair in rows.values_list("number", "asked_number") for number in pair if number}
    unreachable.forget(*numbers)
    sms.forget(numbers=list(numbers))
    rows.delete()


def is_asked(user: User, at: datetime) -> str:
    """The number whose code is still good; empty where there is none."""
    row = TextNumber.objects.filter(user=user, code_until__gte=at, wrong__lt=TRIES).exclude(code="").first()
    return row.asked_number if row else ""
