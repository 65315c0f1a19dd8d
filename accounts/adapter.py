"""The allauth adapters: sign-in, MFA and e-mail with the limits of this product."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.decorators import reauthentication_required
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from ledger.clock import now
from ledger.encryption import cipher
from outbox import RenderedMessage, enqueue_rendered

from . import failed_attempts, partial_sign_in, rate_limits, trusted_browsers
from .allauth_private import RateLimitUsage
from .mfa import LAST_FACTOR, may_remove
from .models import User

#: For how long the link in an e-mail opens something: later than that the e-mail is not sent.
_LINK_LIFETIMES = {"account/email/password_reset_key": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)}


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs themselves up: accounts come from an invitation, or from registering a practice or pharmacy."""

    #: The same words for either: who types one learns nothing of the other.
    error_messages = DefaultAccountAdapter.error_messages | dict.fromkeys(
        ("email_password_mismatch", "username_password_mismatch"),
        _("The e-mail address or user name, or the password, is not right."),
    )

    #: What this try counts at its network address, until it turns out to be right.
    _usage: RateLimitUsage | None = None

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Whether a form may lead there: to a page of this site, by its path from the root."""
        return bool(url) and str(url).startswith("/") and bool(super().is_safe_url(url))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try, by network address and by account. Raises ValidationError after too many wrong ones."""
        self._usage = rate_limits.consume_sign_in(request, _address(credentials))
        if self._usage is None:
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def _rollback_login_failed_rl_usage(self) -> None:
        super()._rollback_login_failed_rl_usage()
        if self._usage is not None:
            self._usage.rollback()

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        """Before a second factor is asked for: with which password one came so far, for as long as that one is good."""
        request.session[partial_sign_in.SESSION_KEY] = user.get_session_auth_hash()
        answer: HttpResponse | None = super().pre_login(request, user, **more)
        return answer

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's own begins with the host as the client wrote it: with another port each time nothing was counted.
        # A browser known to the account has a count of its own (`trusted_browsers`).
        address = _address(credentials)
        return f"{trusted_browsers.address_digest(address)}:{trusted_browsers.trusted_browser_id(request, address)}"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Whose address and password these are; nobody's, after too many wrong ones in a row."""
        user: User | None = super().authenticate(request, **credentials)
        if user is None or not failed_attempts.is_locked_out(user, request):
            return user
        # Nobody learns that this one would have been right: it is answered, and counts, like any other.
        self.pre_authenticate(request, **credentials)
        self.authentication_failed(request, **credentials)
        return None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count it in the row of wrong ones."""
        failed_attempts.record_failure(_address(credentials), request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link to a new password: to this site as the operator names it, whatever host the client wrote."""
        path: str = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.SITE_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Enqueue the e-mail with what it tells of; the worker sends it. No page waits for a mail server."""
        about = {"request": self.request, "email": email, "current_site": get_current_site(self.request)}
        mail = self.render_mail(template_prefix, email, about | context)
        at = now()
        lifetime = _LINK_LIFETIMES.get(template_prefix)
        enqueue_rendered(
            RenderedMessage(email, str(mail.subject), str(mail.body)),
            kind=template_prefix.rpartition("/")[2], at=at, until=at + lifetime if lifetime else None,
        )  # fmt: skip

    def is_ajax(self, request: HttpRequest) -> bool:
        """Whether a page answers as JSON, with all that was typed: never, but where a browser asks for a passkey."""
        here = request.resolver_match
        asks = request.method == "GET" and here is not None and here.view_name == "mfa_login_webauthn"
        return asks and bool(super().is_ajax(request))


def _address(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "")


class Sessions(DefaultUserSessionsAdapter):  # type: ignore[misc]
    """Whoever ends the other sessions says once more who they are."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        """End them, if the reader was asked a little while ago; else ask first."""
        _require_recent_sign_in(context.request)
        super().end_sessions(sessions)


@reauthentication_required(app="allauth.usersessions")  # type: ignore[untyped-decorator]
def _require_recent_sign_in(request: HttpRequest) -> None:
    """Raises ReauthenticationRequired unless the reader said a little while ago who they are."""


#: The purpose of the key under which second factors are encrypted.
_SECOND_FACTOR = "accounts.second-factor"


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of authenticator apps and recovery codes stand encrypted in the database; staff keep one factor."""

    error_messages = DefaultMFAAdapter.error_messages | {"cannot_delete_authenticator": LAST_FACTOR}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether its owner may remove it."""
        return may_remove(authenticator)

    def encrypt(self, text: str) -> str:
        """Encrypted by a key that follows from SECRET_KEY."""
        return cipher(_SECOND_FACTOR).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text; the keys before the present one are known too. Raises InvalidToken for any other."""
        return cipher(_SECOND_FACTOR).decrypt(encrypted_text.encode()).decode()
