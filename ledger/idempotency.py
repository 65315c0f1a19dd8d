"""Idempotency keys: the same request, sent again with its key, has one effect and one answer.

No other module interprets keys. The client makes a key, a random UUID, and sends it again with every retry. A key
belongs to the account that acts: the same key from another account is another request.

A request does not wait for its key before it begins. Two requests with one key usually wait for the lock on the same
row, and the second finds the result of the first. Where no row can be locked (a look-up without a result, a row that
is still to be made), both do the work. The unique index over actor and key then lets one of them insert its logged
request; the other waits there, is rolled back as a whole, and answers from the logged request. The logged request is
the last row that a request writes, so this wait cannot become a deadlock.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from . import clock, request_log
from .actor import Actor

#: What was answered, as plain data, with `codes` (empty: done), `records` (their numbers) and `repeated`.
Answer = dict[str, Any]


class KeyReused(Exception):
    """The same key came with another body. Nothing was done."""


@dataclass(slots=True, kw_only=True)
class Request:
    """One request to write or decide: its verb, who asks, when, and the key that makes a retry safe."""

    action: str
    by: Actor
    #: When it is carried out. `once` and the work bring it up to date after each lock that they may have waited for.
    at: datetime
    key: UUID
    #: What is asked for, as plain data: the same whenever the request is sent again. Never a password.
    body: Mapping[str, Any]

    @property
    def body_hash(self) -> str:
        """The hash by which the same request is recognised."""
        return request_log.body_hash({"action": self.action, "body": self.body})

    def waited(self) -> datetime:
        """To be called after a lock: the instant of now, from which it is carried out."""
        self.at = clock.after_wait(self.at)
        return self.at

    def follow(self, *instants: datetime | None) -> datetime:
        """To be carried out after what was recorded at these instants, which this machine's clock may lie behind."""
        later = [instant + timedelta(microseconds=1) for instant in instants if instant is not None]
        self.at = max([self.at, *later])
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a request: the codes of a refusal (none: done), and the answer as plain data."""

    codes: Sequence[str] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)
    subject: UUID | None = None
    #: The numbers of the records that were written.
    records: Sequence[int] = ()
    #: The instant, where the log put it later than the request.
    at: datetime | None = None


#: Given by work that came to nothing worth keeping, such as a page with a mistake in it: the key stays unused.
UNDECIDED = Result(codes=("undecided",))


class Refused(Exception):
    """Raised by work that has written something before it was refused: that is taken back, the refusal is kept."""

    def __init__(self, *codes: str, answer: Mapping[str, Any] | None = None, subject: UUID | None = None) -> None:
        super().__init__(*codes)
        self.result = Result(codes=codes, answer=answer or {}, subject=subject)

    def outcome(self, _locked: object) -> Result:
        """As work of its own, which does nothing."""
        return self.result


class NoLongerTheirs(PermissionDenied):
    """It was answered before, and who asks may not know of it any more: they have left, or the patient has."""


def _anybody(_locked: object) -> bool:
    return True


class _Overtaken(Exception):
    """Another request with the same key has written its attempt first."""


def once[Locked](
    request: Request,
    lock: Callable[[], Locked],
    work: Callable[[Locked], Result],
    *,
    still: Callable[[Locked], bool] = _anybody,
) -> Answer:
    """Lock, and do the work unless this very request was carried out before; its answer either way.

    `work` gets what `lock` gives. All is one transaction. What the work refuses is kept like what it does; where it
    raises Refused, what it wrote is taken back first. Any other exception leaves no trace, and the key unused.
    `still` says whether who asks may be told an earlier answer now. Raises KeyReused, NoLongerTheirs.
    """
    hashed = request.body_hash
    if (form := _form.get()) is not None:
        form.reached = True
    while True:
        # Whoever was overtaken begins anew, and finds what the quicker one answered.
        with suppress(_Overtaken):
            try:
                with transaction.atomic():
                    return _carry_out(request, hashed, lock(), work, still)
            except Refused as refused:
                with transaction.atomic():
                    return _carry_out(request, hashed, None, refused.outcome, _anybody)
            except IntegrityError:
                # The quicker one made the row that this one was about to make: answered from its attempt, if it is.
                if request_log.find(request.by.account, request.key) is None:
                    raise


def no_lock() -> None:
    """For work that locks what it writes by writing it."""


def _carry_out[Locked](
    request: Request, hashed: str, locked: Locked, work: Callable[[Locked], Result], still: Callable[[Locked], bool]
) -> Answer:  # fmt: skip
    earlier = request_log.find(request.by.account, request.key)
    if earlier is not None:
        if earlier.body_hash != hashed:
            raise KeyReused
        if not still(locked):
            raise NoLongerTheirs
        return _answer(earlier.answer, earlier.codes, earlier.records, repeated=True)
    request.waited()
    result = work(locked)
    if result is UNDECIDED:
        return _answer(result.answer, result.codes, result.records, repeated=False)
    added = request_log.add(
        actor=request.by.account,
        key=request.key,
        action=request.action,
        subject=result.subject,
        at=result.at or request.at,
        body_hash=hashed,
        codes=result.codes,
        answer={**result.answer, **_form_of_now()},
        records=result.records,
        request_id=request.key,
    )
    if not added:
        raise _Overtaken
    return _answer(result.answer, result.codes, result.records, repeated=False)


def _answer(answer: Mapping[str, Any], codes: Sequence[str], records: Sequence[int], *, repeated: bool) -> Answer:
    payload = {name: value for name, value in answer.items() if name != _FORM}
    return payload | {"codes": list(codes), "records": list(records), "repeated": repeated}


# --- the form in which a request came -----------------------------------------------------------------

#: Where in the kept answer stands the keyed hash of the form that was posted.
_FORM = "form"


@dataclass(slots=True)
class Form:
    """A form that is being answered: a keyed hash of all that was posted, and whether a command was reached."""

    hash: str
    reached: bool = False


_form: ContextVar[Form | None] = ContextVar("form", default=None)


def _form_of_now() -> dict[str, str]:
    form = _form.get()
    return {_FORM: form.hash} if form is not None else {}


@contextmanager
def answering(posted: Mapping[str, Any]) -> Iterator[Form]:
    """Within it a form is answered: what is asked for is kept with the very form in which it came.

    A page that finds nothing more to do, since the same form was answered a moment ago, asks `answered`.
    """
    form = Form(request_log.body_hash(posted))
    token = _form.set(form)
    try:
        yield form
    finally:
        _form.reset(token)


def answered(form: Form, actor: UUID, key: UUID) -> Answer | None:
    """The answer to this very form when its request was carried out; None where it was not, or was refused."""
    earlier = request_log.find(actor, key)
    if earlier is None or earlier.codes or earlier.answer.get(_FORM) != form.hash:
        return None
    return _answer(earlier.answer, earlier.codes, earlier.records, repeated=True)
