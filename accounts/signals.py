"""Records what owners change on their account (password, factors) in the account's own log."""

from typing import Any

from allauth.account.signals import authentication_step_completed, password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset, authenticator_used
from allauth.usersessions.models import UserSession
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from ledger.actor import Actor
from ledger.clock import now

from .events import note
from .models import User

_KINDS: dict[Signal, str] = {
    authenticator_added: "second_factor_added",
    authenticator_removed: "second_factor_removed",
    authenticator_reset: "recovery_codes_made",
    password_changed: "password_changed",
    password_reset: "password_changed",
}


def _note(user: User, kind: str, data: dict[str, str]) -> None:
    note(user.pk, kind, by=Actor(user.pk, user.opened_as), at=now(), data=data)


@receiver(list(_KINDS))
def _happened(signal: Signal, user: User, **more: Any) -> None:
    authenticator = more.get("authenticator")
    _note(user, _KINDS[signal], {"type": authenticator.type} if authenticator else {})


@receiver(authenticator_used)
def _used(user: User, authenticator: Any, **_: Any) -> None:
    if authenticator.type == "recovery_codes":
        _note(user, "recovery_code_used", {})


@receiver(authentication_step_completed)
def _asked_again(request: HttpRequest, reauthenticated: bool = False, **_: Any) -> None:
    """Who was asked «is it still you?» goes on in a session with a new key; one that was seen before opens nothing."""
    if reauthenticated:
        before = request.session.session_key
        request.session.cycle_key()
        UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
