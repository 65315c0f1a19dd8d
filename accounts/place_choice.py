"""The place that a session acts in: chosen after signing in, kept in the session, and sent with each form.

An account with one place acts in it. With several, no page of a role is shown until one is chosen, and what a form
writes is written for the place that its page was shown for, or not at all: two tabs cannot be mixed up.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from .models import User
from .places import Place
from .roles import ROLES

#: Where in the session the chosen place stands.
SESSION_KEY = "place"

#: The hidden fields of forms: the place a page was shown for; and that the reader was asked and wants that one.
FIELD, CONFIRMED = "acting_in", "acting_in_confirmed"

#: What is not given back in a form that is sent once more: tokens, and what only its owner types.
_NOT_KEPT = ("csrfmiddlewaretoken", "code", "assertion", "credential", FIELD, CONFIRMED)


def choose(request: HttpRequest, user: User, place: Place) -> None:
    """This session acts in that place from now on."""
    request.session[SESSION_KEY] = place.code
    user.act_in(place.code)


def held(user: User, code: str | None) -> Place | None:
    """The place of that code, if the account holds it."""
    return next((place for place in user.places if place.code == code), None)


class PlaceMiddleware:
    """Middleware: the reader acts in the place of the session. Stands right behind Django's authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        if request.session.get("_auth_user_id") and request.user.is_authenticated:
            request.user.act_in(request.session.get(SESSION_KEY))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: Mapping[str, Any]
    ) -> HttpResponseBase | None:
        """The page for choosing a place, or for another one; None where the page may be seen by its role."""
        roles = getattr(view, "roles", None)
        user = request.user
        if roles is None or roles == set(ROLES) or not user.is_authenticated:
            return None
        if request.method == "POST" and (refused := _of_another_place(request, user, roles)) is not None:
            return refused
        if user.role in roles or not user.places:
            return None
        return _not_here(request, user, roles)


def _not_here(request: HttpRequest, user: User, roles: frozenset[str]) -> HttpResponseBase | None:
    """A page of another place: to be chosen first, or told. None, and so 403, where no place of theirs has it."""
    others = [place for place in user.places if place.role in roles]
    if user.place is not None and not others:
        return None
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"error": "place"}, status=403)
    if user.place is None:
        return redirect(f"{reverse('places:choose')}?next={quote(request.get_full_path())}")
    context = {"lines": _named(request, others), "next": request.get_full_path() if request.method != "POST" else ""}
    return render(request, "places/elsewhere.html", context, status=403)


def _named(request: HttpRequest, places: list[Place]) -> list[tuple[Place, str]]:
    """Each place with what it is called: `patients.places` knows."""
    names: Mapping[str, str] = request.place_names  # type: ignore[attr-defined]
    return [(place, names[place.code]) for place in places]


def _of_another_place(request: HttpRequest, user: User, roles: frozenset[str]) -> HttpResponseBase | None:
    """The refusal of a form that is not of the place in which the session acts; None where it is."""
    code = request.POST.get(FIELD)
    if code is None and len(user.places) < 2:
        return None
    if user.place is not None and code == user.place.code:
        return None
    sent_for = held(user, code)
    if sent_for is not None and (user.place is None or CONFIRMED in request.POST):
        # Signed in anew since the page was shown, or asked on the page of this refusal.
        choose(request, user, sent_for)
        return None
    return _refused(request, user, sent_for or user.place, roles)


def _refused(request: HttpRequest, user: User, place: Place | None, roles: frozenset[str]) -> HttpResponse:
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"error": "place"}, status=409)
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _NOT_KEPT and "password" not in name
        for value in values
    ]
    offered = [place] if place is not None and place.role in roles else []
    context = {"fields": fields, "lines": _named(request, offered)}
    return render(request, "places/other_place.html", context, status=409)
