"""A browser in which somebody signed in before is known again, so that the failed attempts of strangers do not shut it
out.

It keeps a signed cookie (a device cookie, as NIST and OWASP call it): a random name, and the marks of those who signed
in there last. It opens nothing: failed attempts in it are counted for itself, and no fewer of them are borne.
"""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from .models import User

#: Seconds after the last signing in for which a browser is known, and by how many people at most (a counter's is).
LIVES = 180 * 24 * 3600
MOST = 8

_SALT = "accounts.known-browser"


def mark(address: str) -> str:
    """By what an address of mail is known in cookies and counts: a keyed hash, which names nobody."""
    return salted_hmac("accounts.sign-in", address.strip().lower(), algorithm="sha256").hexdigest()[:32]


def known(request: HttpRequest, address: str) -> str:
    """The name of this browser, where the one with that address signed in before; else nothing."""
    name, *marks = _told(request)
    return name if mark(address) in marks else ""


def _told(request: HttpRequest) -> list[str]:
    """Its name and its marks. What was not signed here, or too long ago, is no more than an empty name."""
    cookie = settings.KNOWN_BROWSER_COOKIE_NAME
    return str(request.get_signed_cookie(cookie, default="", salt=_SALT, max_age=LIVES)).split(".")


@receiver(user_logged_in)
def _came_in(user: User, request: HttpRequest | None = None, **_: object) -> None:
    if request is not None:
        request.came_in = mark(user.email)  # type: ignore[attr-defined]


class Known:
    """Middleware: a browser in which somebody has just signed in gets its cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        if own := getattr(request, "came_in", ""):
            name, *marks = _told(request)
            others = [other for other in marks if other != own][: MOST - 1]
            value = ".".join([name or secrets.token_hex(16), own, *others])
            response.set_signed_cookie(
                settings.KNOWN_BROWSER_COOKIE_NAME, value, salt=_SALT, max_age=LIVES, httponly=True,
                secure=settings.SESSION_COOKIE_SECURE, samesite=settings.SESSION_COOKIE_SAMESITE,
            )  # fmt: skip
        return response
