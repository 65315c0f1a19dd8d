"""Wrong ones are counted by network address too, whoever makes them: one person's own limit is no way around with many.

A right one costs nothing, and takes none of the wrong ones back. From an address with too many wrong ones, the next
wrong one is enough for whoever makes it; signing in, it is not even looked at.
"""

from typing import Literal

from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.http import HttpRequest

from .trusted_browsers import known

#: Whole registrations count alike, whether or not they go through: each says whether an NPI or an address is in use.
Wrong = Literal["sign_in_failed", "signing_failed", "lookup_missed", "registered"]

#: So many wrong ones in so long an address (a hospital is one).
RATES: dict[Wrong, str] = {
    "sign_in_failed": "30/m/ip", "signing_failed": "60/10m/ip", "lookup_missed": "100/10m/ip", "registered": "20/h/ip",
}  # fmt: skip


def reserve(request: HttpRequest, what: Wrong) -> RateLimitUsage | None:
    """Count one as wrong before it is looked at; None where there were too many. If it is right, `rollback()` it."""
    return ratelimit.consume(request, app="accounts", action=what, config=dict(RATES))


def reserve_sign_in(request: HttpRequest, address: str) -> RateLimitUsage | None:
    """The same for a password or a code; in a browser that knows its owner nothing is counted by network address."""
    return RateLimitUsage(usage=[]) if known(request, address) else reserve(request, "sign_in_failed")


def crowded(what: Wrong) -> bool:
    """Count a wrong one from the address of this request; whether there were too many. Outside a request: no."""
    return context.request is not None and reserve(context.request, what) is None
