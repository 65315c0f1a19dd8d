"""Removing an app or a passkey: allauth's pages, one at a time, and not the last one of staff."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import deactivate_totp
from allauth.mfa.webauthn.views import remove_webauthn
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from .mfa import LAST_FACTOR, may_remove
from .models import User
from .roles import ROLES, for_roles
from .theirs import once_a_key


def _lock_account(request: HttpRequest) -> None:
    """Two at once would each see the other's as left."""
    assert isinstance(request.user, User)
    User.objects.select_for_update().get(pk=request.user.pk)


@for_roles(*ROLES)
@once_a_key
@transaction.atomic
def remove_app(request: HttpRequest) -> HttpResponseBase:
    """allauth asks `accounts.adapter.SecondFactor` whether it may go."""
    _lock_account(request)
    answer: HttpResponseBase = deactivate_totp(request)
    return answer


@for_roles(*ROLES)
@once_a_key
@transaction.atomic
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponseBase:
    """For a passkey allauth asks nobody."""
    _lock_account(request)
    row = get_object_or_404(Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN)
    if not may_remove(row):
        messages.warning(request, LAST_FACTOR)
        return redirect("mfa_list_webauthn")
    answer: HttpResponseBase = remove_webauthn(request, pk=pk)
    return answer
