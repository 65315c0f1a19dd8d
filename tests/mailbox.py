"""The e-mails of a test, after the worker's part: what waits in the outbox is delivered first."""

from django.core import mail
from django.core.mail import EmailMessage

import outbox
from ledger.clock import now


def emails() -> list[EmailMessage]:
    """All that went out so far, with what was due until now."""
    outbox.deliver(at=now())
    sent: list[EmailMessage] = mail.outbox
    return sent
