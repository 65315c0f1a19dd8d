"""Delivery: claim messages that are due, render and send each, note the outcome. No transaction is open meanwhile.

A message is claimed by noting its next attempt, as if this one had failed. Whatever then happens to it (an error, a
mail server that hangs, the end of this process), the others go on, and it comes again. A second e-mail after a crash
has the Message-ID of the first one: it can only go out twice if the process ends after the mail server took it and
before that is noted.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.core import mail as mailing
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F
from prometheus_client import Counter

from ledger import clock

from . import box, digests, letters, sealed, sms
from .channels import SMS
from .letters import message_id
from .outcomes import DELIVERED, FAILED, GIVEN_UP, NOT_WANTED, Result, UnknownKindError, result_of
from .turns import Turn

if TYPE_CHECKING:
    from .models import Message

log = structlog.get_logger(__name__)

SENT = Counter("clearfill_messages_total", "Messages by what became of them", ["kind", "outcome"])

#: Minutes until the next attempt, by how many were made. After the last of them nothing is tried any more.
PAUSES = (1, 5, 15, 60, 240, 480, 960, 1440)
TRIES = len(PAUSES) + 1
#: How many are claimed at once, and sent by one connection.
BATCH = 20
#: Seconds after a claim in which a message of it may be begun: well within the shortest pause, in which it is ours.
CLAIM = 20.0
#: It was not tried: its reader's hour has not come.
PUT_OFF = "put-off"


def deliver(*, at: datetime, limit: int = 200, turn: Turn | None = None, kind: str | None = None) -> int:
    """Deliver what is due at `at`, until the turn is over; how many went out. Safe to run at the same time twice.

    With a kind that one alone: what somebody else sends in place of a worker that stands still.
    """
    _wake_enqueued_ahead(at)
    sent = 0
    while limit > 0:
        batch = _claim(at, min(limit, BATCH), kind)
        if not batch:
            break
        limit -= len(batch)
        sent += _deliver_batch(batch, at, turn)
        if turn is not None and turn.is_over():
            break
    return sent


#: What was to go at once when a clock ran ahead. The index finds none but then. What is due later than it was enqueued
#: has its own instant, and so has what is due of a file (its key begins with whose), even where it was enqueued at that
#: very instant: both wait for it. By a clock that went back it would not be so yet, and be dropped.
_WAKE = """
UPDATE outbox_message SET next_attempt_at = %(at)s, due_at = %(at)s, enqueued_at = %(at)s
WHERE enqueued_at > %(latest)s AND due_at = enqueued_at AND attempts = 0
    AND delivered_at IS NULL AND dropped_at IS NULL AND (subject IS NULL OR NOT starts_with(key, subject::text))
"""


def _wake_enqueued_ahead(at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WAKE, {"at": at, "latest": at + 2 * clock.TOLERANCE})


_CLAIM = """
UPDATE outbox_message
SET attempts = attempts + 1, next_attempt_at = %s + (%s::interval[])[least(attempts + 1, %s)]
WHERE id IN (
    SELECT id FROM outbox_message
    WHERE delivered_at IS NULL AND dropped_at IS NULL AND digest_id IS NULL AND next_attempt_at <= %s{of_kind}
    ORDER BY attempts, next_attempt_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING *
"""


def _claim(at: datetime, count: int, kind: str | None) -> list["Message"]:
    """Claim the next messages that are due, those first that were tried least: what fails keeps nothing that is new.

    One conditional update, which is a transaction of its own: another process finds none of them.
    """
    from .models import Message

    pauses = [timedelta(minutes=minutes) for minutes in PAUSES]
    of_kind, kinds = (" AND kind = %s", [kind]) if kind is not None else ("", [])
    rows = Message.objects.raw(_CLAIM.format(of_kind=of_kind), [at, pauses, len(pauses), at, *kinds, count])
    return sorted(rows, key=lambda row: (row.attempts, row.due_at, row.id))


def _deliver_batch(batch: Sequence["Message"], at: datetime, turn: Turn | None) -> int:
    """Deliver what was claimed, by one connection. What there is no time for is given back, as if never claimed."""
    until, sent, begun = time.monotonic() + CLAIM, 0, 0
    with _one_connection():
        for message in batch:
            sent += _deliver(message, at) == DELIVERED
            begun += 1
            if time.monotonic() > until or (turn is not None and turn.is_over()):
                break
    _give_back(batch[begun:], at)
    return sent


def _give_back(claimed: Sequence["Message"], until: datetime) -> None:
    """They were not tried, and come again then."""
    from .models import Message

    if claimed:
        rows = Message.objects.filter(pk__in=[one.pk for one in claimed], delivered_at=None, dropped_at=None)
        rows.update(attempts=F("attempts") - 1, next_attempt_at=until)


def _deliver(message: "Message", at: datetime) -> str:
    """Render the message and send it, and note on the row what came of it."""
    result, to = Result(FAILED), ""
    if message.attempts > TRIES:  # each time the process ended before it could be noted
        result = Result(GIVEN_UP)
    else:
        try:
            # For the length of the reading, and closed before anything is sent.
            with transaction.atomic():
                rendered = _rendered(message, at)
            if isinstance(rendered, box.Later):
                _give_back([message], rendered.at)
                return PUT_OFF
            if rendered is None:
                result = Result(NOT_WANTED)
            else:
                to = rendered.to
                result = _send(message, rendered) or Result(DELIVERED)
        except Exception as error:
            result = result_of(error)
    _note(message, result, to, at)
    SENT.labels(kind=message.kind, outcome=message.outcome or FAILED).inc()
    return message.outcome or FAILED


def _note(message: "Message", result: Result, to: str, at: datetime) -> None:
    """Note on the row what came of it; nothing on one that was dropped with its words while it was being sent."""
    from . import mail, unreachable
    from .models import Message

    is_somebodys = sealed.ADDRESS not in message.data  # else it is nobody's any more, or not yet
    _apply(message, result, at)
    with transaction.atomic():
        waiting = Message.objects.select_for_update().filter(pk=message.pk, dropped_at=None, delivered_at=None)
        if not waiting.exists():
            mail.forget(message_id(message))
            sms.forget([message.pk])
            return
        message.save(
            update_fields=["delivered_at", "dropped_at", "last_error", "data", "outcome", "answer", "provider_id"]
        )
        digests.follow(message, at=at)
        if result.is_unreachable and is_somebodys:
            unreachable.note(to, at=at, answer=result.answer or result.outcome)
        elif result.outcome == DELIVERED and not result.provider_id:
            # A mail server took it for that address. What a provider took may still come back.
            unreachable.forget(to)


def _apply(message: "Message", result: Result, at: datetime) -> None:
    """The row's columns after this attempt. Where it is the last one, what is encrypted in it is not kept."""
    is_last = message.attempts >= TRIES
    message.last_error = result.error
    message.answer, message.provider_id = result.answer, result.provider_id
    if result.outcome == FAILED and not is_last:
        log.error("delivery_failed", kind=message.kind, message=str(message.id), error=result.error)
        return
    message.outcome = GIVEN_UP if result.outcome == FAILED else result.outcome
    sealed.empty(message)
    if result.outcome == DELIVERED:
        message.delivered_at = at
        return
    message.dropped_at = at
    if result.outcome != NOT_WANTED:
        said = {"outcome": message.outcome, "answer": result.answer, "error": result.error}
        log.error("delivery_given_up", kind=message.kind, message=str(message.id), **said)


def _rendered(message: "Message", at: datetime) -> box.RenderedMessage | box.Later | None:
    if sealed.is_over(message, at):
        return None
    if sealed.has_words(message):
        return sealed.open_sealed(message)
    try:
        renderer = box.renderer_of(message.kind)
    except KeyError:
        raise UnknownKindError(message.kind) from None
    found = renderer(message, at)
    return box.timed(message, found, at) if found is not None else None


@dataclass(slots=True)
class _Line:
    """The connection by which a batch is sent: made with its first e-mail, closed after its last."""

    backend: BaseEmailBackend | None = None

    def open(self) -> BaseEmailBackend:
        if self.backend is None:
            self.backend = mailing.mailers.default
        self.backend.open()
        return self.backend

    def close(self) -> None:
        if self.backend is not None:
            self.backend.close()


_line: ContextVar[_Line | None] = ContextVar("line", default=None)


@contextmanager
def _one_connection() -> Iterator[None]:
    """Send whatever is sent within the block by one connection."""
    line = _Line()
    token = _line.set(line)
    try:
        yield
    finally:
        _line.reset(token)
        line.close()


def _send(message: "Message", rendered: box.RenderedMessage) -> Result:
    """Send it; what was answered. Raises what the mail server, or the way to it, has against it."""
    if message.channel == SMS:
        return sms.send(message, rendered)
    email = letters.email(message, rendered)
    (_line.get() or _Line()).open().send_messages([email])
    return answered(email)


def answered(email: mailing.EmailMessage) -> Result:
    """What was answered to an e-mail that was taken: the code of a mail server, or the word and id of a provider."""
    status = getattr(email, "anymail_status", None)
    if status is None:
        return Result(DELIVERED, getattr(email, "answer", ""))
    words = ",".join(sorted(status.status or ()))[:80]
    if not status.message_id:  # it answered, and gave it no number: it did not take it
        return Result(FAILED, words, "NotTaken")
    return Result(DELIVERED, words, provider_id=str(status.message_id)[:200])
