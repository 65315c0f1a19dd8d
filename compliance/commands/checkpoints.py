"""Make a checkpoint and publish it: as a file, and as a mail to every officer."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import structlog
from prometheus_client import Counter

import outbox
from accounts.models import User
from accounts.roles import OFFICER
from ledger import checkpoints, minutes
from ledger.models import Checkpoint
from outbox.models import Message

from .officers import tell_officers

logger = structlog.get_logger(__name__)

REFUSED = Counter("clearfill_checkpoints_refused_total", "Checkpoints not made: something is not as it was signed")


def publish(*, at: datetime) -> Checkpoint:
    """Make a checkpoint, enqueue the mails, write the files that are missing.

    Raises NoKeys; and NotAsSigned, with an alarm, where the log, the last checkpoint or the newest file of those
    that were handed out says otherwise than what was signed: what is wrong is not signed over.
    """
    with _alarm(at):
        checkpoint = _make(at)
    officers = User.objects.filter(opened_as=OFFICER, is_active=True).values_list("pk", flat=True)
    messages = [
        Message(
            key=f"checkpoint:{checkpoint.number}:{officer}", kind="checkpoint", subject=None,
            data={"officer": str(officer), "number": checkpoint.number}, due_at=at,
        )
        for officer in officers
    ]  # fmt: skip
    if messages:
        outbox.enqueue(messages, at=at)
    checkpoints.publish()
    return checkpoint


def ensure_covered(subjects: Collection[UUID], *, at: datetime) -> None:
    """Publish a checkpoint, unless the newest one has the logs of these subjects to their ends. Raises as `publish`.

    A checkpoint reads the heads of all logs; this looks at those of these subjects alone.
    """
    if not checkpoints.is_covered(subjects):
        publish(at=at)
        return
    with _alarm(at):
        _ensure_all_published()


def publish_minute(*, at: datetime) -> int | None:
    """Sign what was written since the last checkpoint, and add the line to the day's file; its number, if any.

    Raises as `publish`. Nobody gets a mail.
    """
    with _alarm(at):
        _ensure_published(minutes.mismatches(newest_only=True), "minute checkpoint")
        minute = checkpoints.make_minute(at=at)
    minutes.publish()
    return minute.number if minute else None


@contextmanager
def _alarm(at: datetime) -> Iterator[None]:
    """Count what is not as it was signed, log it, and tell the office: at once, and again each day."""
    try:
        yield
    except checkpoints.NotAsSigned as found:
        REFUSED.inc()
        logger.error("checkpoint_refused", problems=len(found.problems))
        tell_officers("log-alarm", f"{at:%Y-%m-%d}", at=at)
        raise


def _make(at: datetime) -> Checkpoint:
    _ensure_all_published()
    return checkpoints.make(at=at)


def _ensure_all_published() -> None:
    _ensure_published(checkpoints.mismatches(newest_only=True), "checkpoint")
    _ensure_published(minutes.mismatches(newest_only=True), "minute checkpoint")


def _ensure_published(mismatches: Iterator[tuple[int, str]], name: str) -> None:
    otherwise = [f"{name} {number} {what}" for number, what in mismatches]
    if otherwise:
        raise checkpoints.NotAsSigned(otherwise)
