"""From signing in to one's own desk."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from .roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER, public

#: Where each role begins.
HOME_OF_ROLE = {
    PRESCRIBER: "prescriber:home",
    DESIGNEE: "prescriber:home",
    PATIENT: "patient:home",
    GUARDIAN: "guardian:home",
    PHARMACIST: "pharmacy:home",
    OFFICER: "office:home",
}


@public
def home(request: HttpRequest) -> HttpResponse:
    """One's own desk; the front page for whoever is not signed in."""
    if request.user.is_authenticated:
        return redirect(HOME_OF_ROLE[request.user.role])
    return render(request, "front.html")


@public
def closed(request: HttpRequest, **parts: str) -> HttpResponse:
    """What allauth offers and nobody may use here: an address is changed by an action, never by its owner alone."""
    raise Http404
