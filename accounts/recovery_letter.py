"""The letter to an address for which somebody asks for a new password.

Whether the address has an account is found out where the letter is written, by the worker. The request that asks does
the same whosever the address is.
"""

from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils import translation

import outbox
from outbox import RenderedMessage
from outbox.models import Message

from .models import User

KIND = "password_reset_key"

_LINK, _UNKNOWN = "account/email/password_reset_key", "account/email/unknown_account"


def ask(email: str, *, at: datetime) -> None:
    """Enqueue the letter, in the caller's transaction. It is not sent later than its link would be good."""
    facts = {"address": email.strip().lower(), "language": translation.get_language() or settings.LANGUAGE_CODE}
    outbox.enqueue_sealed(facts, kind=KIND, at=at, until=at + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT))


def letter(message: Message, at: datetime) -> RenderedMessage:
    """The link; or, where the address has no account that is open, a word about that."""
    facts = outbox.facts_of(message)
    user = User.objects.filter(email=facts["address"], is_active=True).first()
    with translation.override(facts["language"]):
        mail = get_adapter().render_mail(_LINK if user else _UNKNOWN, facts["address"], _context(user))
    return RenderedMessage(facts["address"], str(mail.subject), str(mail.body))


def _context(user: User | None) -> dict[str, str]:
    if user is None:
        return {}
    parts = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    path = reverse("account_reset_password_from_key", kwargs=parts)
    return {"password_reset_url": f"{settings.SITE_URL}{path}"}
