"""The security event log: successful and failed sign-ins, changes to factors, and denied requests.

An account is named by its id. An attempted address is named by a keyed hash: attempts on one address can be counted
together, and nobody can read the address. Records and decisions about patients stand in the record log.
"""

from collections.abc import Callable
from typing import Any

import structlog
from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.models import User

log = structlog.get_logger("security")

#: Answers that say no: not yours, not there, not so, not so often.
_DENIED = frozenset({400, 403, 404, 405, 429})


def _address_hash(address: str) -> str:
    return salted_hmac("config.security-events", address.strip().lower(), algorithm="sha256").hexdigest()[:16]


@receiver(user_logged_in)
def _signed_in(user: User, **_: Any) -> None:
    log.info("signed_in", account=str(user.pk), role=user.role, address_hash=_address_hash(user.sign_in_name))


@receiver(user_logged_out)
def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        log.info("signed_out", account=str(user.pk), role=user.role)


@receiver(user_login_failed)
def _sign_in_failed(credentials: dict[str, Any], **_: Any) -> None:
    log.warning(
        "sign_in_failed", address_hash=_address_hash(str(credentials.get("email") or credentials.get("username") or ""))
    )


@receiver(account.password_changed)
@receiver(account.password_reset)
def _password_changed(user: User, **_: Any) -> None:
    log.warning("password_changed", account=str(user.pk), role=user.role)


def _log_mfa_event(signal: Any, event: str) -> None:
    """Log that signal of a second factor or passkey under that name."""

    def log_event(user: User, authenticator: Any = None, **_: Any) -> None:
        log.warning(event, account=str(user.pk), role=user.role, means=getattr(authenticator, "type", ""))

    signal.connect(log_event, weak=False, dispatch_uid=f"security-events:{event}")


_log_mfa_event(mfa.authenticator_added, "mfa_added")
_log_mfa_event(mfa.authenticator_removed, "mfa_removed")
_log_mfa_event(mfa.authenticator_reset, "mfa_reset")
_log_mfa_event(mfa.authenticator_used, "mfa_used")
_log_mfa_event(mfa.authentication_failed, "mfa_failed")


class SecurityEventMiddleware:
    """Middleware: a request that was denied is logged, with the name of the page and without what was asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and log a no."""
        response = self.get_response(request)
        if response.status_code in _DENIED:
            match = request.resolver_match
            log.warning(
                "access_denied",
                status=response.status_code,
                page=match.view_name if match else "",
                method=request.method,
                account=str(request.user.pk) if request.user.is_authenticated else "",
                role=getattr(request.user, "role", ""),
            )
        return response
