"""Rate limits per IP address: failed attempts are also counted by address, so that spreading them over many accounts
does not help.

A successful attempt is not counted, and removes no failed one. From a rate limited address, one more failed attempt
locks signing or pauses the account that makes it; an attempt to sign in is refused unexamined.
"""

from typing import Literal

from allauth.core import context
from django.http import HttpRequest

from . import allauth_private
from .allauth_private import RateLimitUsage
from .trusted_browsers import trusted_browser_id

#: Registrations count alike, whether or not they go through: each says whether an NPI is in use. So do letters to begin
#: one, which go to whatever address is typed.
Action = Literal[
    "sign_in_failed", "signing_failed", "lookup_missed", "registered", "letter_failed", "mail_event_refused",
    "sms_event_refused", "feed_missed", "feed_read", "unsubscribe_failed", "code_asked",
]  # fmt: skip

#: How many failed attempts an address has in how long (a hospital is one address).
RATE_LIMITS: dict[Action, str] = {
    "sign_in_failed": "30/m/ip", "signing_failed": "60/10m/ip", "lookup_missed": "100/10m/ip", "registered": "20/h/ip",
    "letter_failed": "30/h/ip",
    "mail_event_refused": "30/m/ip",
    # Programs that ask for old addresses ask for many people from one place.
    "feed_missed": "300/10m/ip", "feed_read": "60/h/key",
    "sms_event_refused": "30/m/ip", "unsubscribe_failed": "60/m/ip", "code_asked": "20/h/ip",
}  # fmt: skip


#: What is asked for by GET.
_BY_GET: frozenset[Action] = frozenset({"feed_missed", "feed_read"})


def consume(request: HttpRequest, action: Action, *, key: str | None = None) -> RateLimitUsage | None:
    """Count an attempt as failed before it is examined; None where it is rate limited. If it succeeds, `rollback()`
    it. What is counted by a key, and not by address, names it."""
    return allauth_private.consume(
        request, app="accounts", action=action, config=dict(RATE_LIMITS), key=key, limit_get=action in _BY_GET
    )


def consume_sign_in(request: HttpRequest, address: str) -> RateLimitUsage | None:
    """The same for a password or a code; not counted by address in a browser that is trusted."""
    return RateLimitUsage(usage=[]) if trusted_browser_id(request, address) else consume(request, "sign_in_failed")


def is_rate_limited(action: Action) -> bool:
    """Count a failed attempt from the address of this request; whether it is rate limited. Outside a request: no."""
    return context.request is not None and consume(context.request, action) is None
