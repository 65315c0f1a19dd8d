"""The roles there are, and who may see a page. An account acts in one role at a time: that of its chosen place."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

PRESCRIBER = "prescriber"
DESIGNEE = "designee"
PATIENT = "patient"
GUARDIAN = "guardian"
PHARMACIST = "pharmacist"
OFFICER = "officer"

#: What each role is called on a page.
NAMES = {
    PRESCRIBER: _("Prescriber"),
    DESIGNEE: _("Designee"),
    PATIENT: _("Patient"),
    GUARDIAN: _("Guardian"),
    PHARMACIST: _("Pharmacist"),
    OFFICER: _("Program officer"),
}
ROLES = tuple(NAMES)

#: The roles of those who see other people's records.
STAFF = frozenset({PRESCRIBER, DESIGNEE, PHARMACIST, OFFICER})


def for_roles[V: Callable[..., HttpResponseBase]](*roles: str) -> Callable[[V], V]:
    """Marks a view with the roles that may see it; everybody else who comes so far gets 403.

    With all roles it is a page of the account, which is seen before any place is chosen too.
    The mark, `view.roles`, is a frozenset. A role that is not listed, or none at all, is a ValueError at import.
    """
    allowed = frozenset(roles)
    if not allowed or not allowed <= set(ROLES):
        raise ValueError(f"not roles: {sorted(allowed - set(ROLES))}")

    def mark(view: V) -> V:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            is_accounts = allowed == set(ROLES) and request.user.is_authenticated
            if not is_accounts and getattr(request.user, "role", None) not in allowed:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.roles = allowed  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return mark


def public[V: Callable[..., HttpResponseBase]](view: V) -> V:
    """Marks a view that needs no sign-in: `view.roles` is None."""
    view.roles = None  # type: ignore[attr-defined]
    return login_not_required(view)


class ForRoles:
    """The same for class views: `class Page(ForRoles, TemplateView): allowed = (PATIENT,)`."""

    allowed: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """The view, guarded and marked."""
        view: Callable[..., HttpResponseBase] = super().as_view(**initkwargs)  # type: ignore[misc]
        return for_roles(*cls.allowed)(view)
