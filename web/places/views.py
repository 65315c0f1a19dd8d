"""Choosing the place in which a session acts."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import place_choice
from accounts.roles import ROLES, for_roles
from patients.places import labels
from web.shared.common import reader_of


@for_roles(*ROLES)
def choose(request: HttpRequest) -> HttpResponse:
    """Who the reader is here today. Choosing changes this session alone, and nothing in the log."""
    reader = reader_of(request)
    to = request.POST.get("next") or request.GET.get("next") or ""
    if not to.startswith("/") or not url_has_allowed_host_and_scheme(to, None):
        to = ""
    if request.method == "POST":
        place = place_choice.held(reader, request.POST.get("place"))
        if place is not None:
            place_choice.choose(request, reader, place)
            return HttpResponseRedirect(to) if to else redirect("home")
    names = labels(reader)
    lines = [(place, names[place.code]) for place in reader.places]
    # Django fills POST for that method alone: what was sent named no place that the account holds.
    context = {"lines": lines, "next": to, "refused": bool(request.POST)}
    return render(request, "places/choose.html", context, status=422 if request.POST else 200)
