"""Captured e-mail: without a mail server, each mail is kept in a table and shown on a page of the program office."""

from collections.abc import Iterable, Sequence
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models.functions import Lower

from . import unreachable
from .models import CapturedEmail


class PageBackend(BaseEmailBackend):
    """Mail backend that keeps each e-mail; a second one with the same Message-ID is the same e-mail."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the e-mails; return how many there were."""
        emails = [
            CapturedEmail(
                message_id=mail.extra_headers.get("Message-ID", f"<{uuid4()}@{settings.MAIL_DOMAIN}>"),
                to=address,
                subject=str(mail.subject),
                body=str(mail.body),
            )
            for mail in email_messages
            for address in mail.to
        ]
        CapturedEmail.objects.bulk_create(emails, ignore_conflicts=True)
        return len(email_messages)


def forget(message_id: str) -> None:
    """Remove the captured e-mail with that Message-ID, if there is one."""
    CapturedEmail.objects.filter(message_id=message_id).delete()


def forget_to(addresses: Iterable[str]) -> None:
    """Remove every captured e-mail to one of these addresses, in small letters, and what is known of reaching them."""
    gone = list(addresses)
    CapturedEmail.objects.annotate(address=Lower("to")).filter(address__in=gone).delete()
    unreachable.forget(*gone)
