"""The letter box of an installation without a mail server: letters are kept in a table and read on a page."""

from collections.abc import Sequence
from uuid import uuid4

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from .models import CapturedEmail


class PageBackend(BaseEmailBackend):
    """Keeps each letter; a second one with the same Message-ID is the same letter."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the letters; how many there were."""
        letters = [
            CapturedEmail(
                message_id=mail.extra_headers.get("Message-ID", f"<{uuid4()}@clearfill.invalid>"),
                to=address,
                subject=str(mail.subject),
                body=str(mail.body),
            )
            for mail in email_messages
            for address in mail.to
        ]
        CapturedEmail.objects.bulk_create(letters, ignore_conflicts=True)
        return len(email_messages)
