"""Find any patient, practice or pharmacy. What is searched for is posted, and stands in no address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.roles import OFFICER, for_roles
from ledger import access_log
from ledger.clock import now
from patients import everywhere, place_search
from patients.people import actor_of
from patients.visibility import visible_patients
from web.shared.common import reader_of
from web.shared.lists import PAGE_LENGTH
from web.shared.searches import remember, sought


@for_roles(OFFICER)
def find(request: HttpRequest) -> HttpResponse:
    """What a search finds; whoever is named on the page was viewed, which the access log says."""
    if request.method == "POST":
        handle = remember(request.session, request.POST.get("q", ""))
        return redirect(reverse("office:find") + (f"?search={handle}" if handle else ""))
    reader, at = reader_of(request), now()
    handle = request.GET.get("search", "")[:16]
    text = sought(request.session, handle)
    rows = everywhere.patients(visible_patients(reader), text).select_related("prescriber")
    found = list(rows[: PAGE_LENGTH + 1]) if text else []
    shown = found[:PAGE_LENGTH]
    access_log.add_all([row.pk for row in shown], by=actor_of(reader), what="find", why="program-office", at=at)
    context = {
        "q": text,
        "is_over": bool(handle) and not text,
        "patients": shown,
        "more": len(found) > len(shown),
        "practices": place_search.practices(text).order_by("practice_name", "id")[:PAGE_LENGTH],
        "pharmacies": place_search.pharmacies(text).order_by("name", "id")[:PAGE_LENGTH],
    }
    return render(request, "office/find.html", context)
