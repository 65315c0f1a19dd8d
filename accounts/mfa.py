"""MFA: staff need a second factor, an authenticator app or a passkey, before any patient is shown. They keep one."""

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib import messages
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import one_time_codes

#: What a session says of itself once a second factor was added in it.
VERIFIED_KEY = "second_factor_added"


#: What staff read who would remove the last one.
LAST_FACTOR = gettext_lazy("This is the only one you have, and no patient is shown without one. Add another first.")

#: On either of these staff can live; recovery codes are for the day on which it is lost.
_KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def may_remove(factor: Authenticator) -> bool:
    """Whether its owner may remove it: staff keep an app or a passkey, else the next one to come has their password."""
    others = Authenticator.objects.filter(user=factor.user, type__in=_KINDS).exclude(pk=factor.pk)
    return not factor.user.is_staff_account or others.exists()


def is_verified(request: HttpRequest) -> bool:
    """Whether this session was verified by a second factor, or has added one. No query."""
    if request.session.get(VERIFIED_KEY):
        return True
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


@receiver(authenticator_added)
def _factor_added(request: HttpRequest, authenticator: Authenticator, **_: Any) -> None:
    request.session[VERIFIED_KEY] = True
    if authenticator.type == Authenticator.Type.TOTP:
        one_time_codes.use(authenticator, request.POST.get("code", ""))


class MfaRequiredMiddleware:
    """Middleware: staff who signed in by a password alone are denied every page of their role."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """The way to add a second factor, where one is missing; None where the page may be seen."""
        if (
            getattr(view, "roles", None) is None
            or not getattr(request.user, "is_staff_account", False)
            or is_verified(request)
        ):
            return None
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"error": "second-factor"}, status=403)
        messages.warning(request, _("Add a second factor first: an authenticator app, or a passkey."))
        return redirect("mfa_index")
