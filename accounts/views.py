"""Pages between signing in and the reader's home page."""

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
    """The reader's home page, once a place is chosen; the front page where nobody is signed in."""
    if request.user.is_authenticated:
        return redirect(HOME_OF_ROLE.get(request.user.role, "places:choose"))
    return render(request, "front.html")


@public
def closed(request: HttpRequest, **parts: str) -> HttpResponse:
    """Answers 404 at allauth's addresses that are closed here, such as changing one's e-mail address alone."""
    raise Http404
