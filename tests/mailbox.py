"""The e-mails of a test, after the worker's part: what waits in the outbox is delivered first."""

from django.core import mail
from django.core.mail import EmailMessage

import outbox
from ledger.clock import now
from outbox.models import Message


def emails() -> list[EmailMessage]:
    """All that went out so far, with what was due until now."""
    outbox.deliver(at=now())
    sent: list[EmailMessage] = mail.outbox
    return sent


def nothing_waits() -> None:
    """What a test's people are told of themselves is dropped: what goes out from here on is what the test does."""
    Message.objects.filter(delivered_at=None, dropped_at=None).update(dropped_at=now())


def link_in_newest(part: str) -> str:
    """The link with that part, in the newest e-mail that has one. Others may have gone out after it."""
    bodies = [str(email.body) for email in reversed(emails()) if part in str(email.body)]
    return next(word for word in bodies[0].split() if part in word)
