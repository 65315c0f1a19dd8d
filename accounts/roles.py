"""The roles there are, and who may see a page. One account has one role, for good."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

PRESCRIBER = "prescriber"
DESIGNEE = "designee"
PATIENT = "patient"
GUARDIAN = "guardian"
PHARMACIST = "pharmacist"
OFFICER = "officer"
ROLES = (PRESCRIBER, DESIGNEE, PATIENT, GUARDIAN, PHARMACIST, OFFICER)


def for_roles[V: Callable[..., HttpResponseBase]](*roles: str) -> Callable[[V], V]:
    """Marks a view with the roles that may see it; every other signed-in person gets 403."""
    allowed = frozenset(roles)

    def mark(view: V) -> V:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if getattr(request.user, "role", None) not in allowed:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.roles = allowed  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def public[V: Callable[..., HttpResponseBase]](view: V) -> V:
    """Marks a view that needs no sign-in."""
    view.roles = None  # type: ignore[attr-defined]
    return login_not_required(view)
