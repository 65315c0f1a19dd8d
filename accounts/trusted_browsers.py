"""Trusted browsers: a browser in which the owner has signed in before is not locked out by the attempts of strangers.

The browser keeps a signed cookie (a device cookie, as NIST and OWASP call it): a random name, and the digests of the
accounts that signed in there last. The cookie grants no access: a trusted browser has its own count of wrong passwords,
with the same limit.

A signature keeps a mark of the browser (`browser_mark`): by it the office sees that both sides signed in one.
"""

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from .models import User
from .roles import OFFICER

#: Seconds after the last signing in for which a browser is known, and by how many people at most (a counter's is).
COOKIE_AGE = 180 * 24 * 3600
MAX_ACCOUNTS = 8

_SALT = "accounts.known-browser"


def address_digest(address: str) -> str:
    """The keyed hash of an e-mail address or user name, for cookies and counts. It names nobody."""
    return salted_hmac("accounts.sign-in", address.strip().lower(), algorithm="sha256").hexdigest()[:32]


def trusted_browser_id(request: HttpRequest, address: str) -> str:
    """The name of this browser where it is trusted by the account with that address or user name; else nothing."""
    name, *digests = _read_cookie(request)
    return name if address_digest(address) in digests else ""


def officers_of(request: HttpRequest) -> list[UUID]:
    """The program officers who are signed in here, or have signed in from this browser."""
    officers = User.objects.filter(opened_as=OFFICER).order_by("pk")
    return [one.pk for one in officers if one == request.user or trusted_browser_id(request, one.sign_in_name)]


#: The request that is answered now, by which a signature finds its browser.
_request: ContextVar[HttpRequest | None] = ContextVar("trusted_browser_request", default=None)


def this_browser() -> str:
    """The name of the browser whose request is answered; empty where nobody has signed in there yet."""
    request = _request.get()
    return _read_cookie(request)[0] if request is not None else ""


def browser_mark(name: str, within: str) -> str | None:
    """What a record keeps of a browser: a keyed hash that is the same only `within` that. None where it has no name.

    Nobody follows a browser by it from one `within` to the next, and without the key nobody names one.
    """
    if not name:
        return None
    return salted_hmac("accounts.browser-mark", f"{name}:{within}", algorithm="sha256").hexdigest()[:32]


def _read_cookie(request: HttpRequest) -> list[str]:
    """Its name and its digests. What was not signed here, or too long ago, is no more than an empty name."""
    cookie = settings.TRUSTED_BROWSER_COOKIE_NAME
    return str(request.get_signed_cookie(cookie, default="", salt=_SALT, max_age=COOKIE_AGE)).split(".")


@receiver(user_logged_in)
def _signed_in(user: User, request: HttpRequest | None = None, **_: object) -> None:
    if request is not None:
        request.signed_in_as = address_digest(user.sign_in_name)  # type: ignore[attr-defined]


class TrustedBrowserMiddleware:
    """Middleware: a browser in which somebody has just signed in gets the cookie that makes it trusted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        answered = _request.set(request)
        try:
            response = self.get_response(request)
        finally:
            _request.reset(answered)
        if digest := getattr(request, "signed_in_as", ""):
            name, *digests = _read_cookie(request)
            others = [other for other in digests if other != digest][: MAX_ACCOUNTS - 1]
            value = ".".join([name or secrets.token_hex(16), digest, *others])
            response.set_signed_cookie(
                settings.TRUSTED_BROWSER_COOKIE_NAME, value, salt=_SALT, max_age=COOKIE_AGE, httponly=True,
                secure=settings.SESSION_COOKIE_SECURE, samesite=settings.SESSION_COOKIE_SAMESITE,
            )  # fmt: skip
        return response
