"""Disclosure: no e-mail names a person or what is found about them. Addresses, titles, logs and counts:
`test_access_matrix.py`."""

import re

from django.conf import LazySettings
from django.core.mail import EmailMessage

import outbox
from compliance.words.notices import FORBIDDEN
from notifications.rendering import harmless_name, harmless_phone
from outbox.models import Message
from patients.models import Prescriber

from .fixtures import SiteFixture
from .looks import HEALTH, PERSON


def test_emails(marked: SiteFixture, mailoutbox: list[EmailMessage], settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Message.objects.update(next_attempt_at=marked.at, due_at=marked.at)
    assert outbox.deliver(at=marked.at) == len(mailoutbox) > 0
    # A message to a patient names the practice and its telephone, whatever they are, in one line.
    lines = [
        f"\n{line}: {harmless_name(practice_name)}, {word} {harmless_phone(phone)}"
        for practice_name, phone in Prescriber.objects.values_list("practice_name", "phone")
        for line, word in (("Your practice", "phone"), ("Su consulta", "teléfono"))
    ]
    for email in mailoutbox:
        text = f"{email.subject} {email.body}"
        for line in lines:
            text = text.replace(line, "")
        assert not re.search(f"(?i){PERSON}|{HEALTH}", text), email.subject
        assert not [word for word in FORBIDDEN if word in re.sub(r"http\S+", "", text).lower()]
        assert "\n" not in email.subject
