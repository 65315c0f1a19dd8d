"""Shows a page of the style guide. There is nothing of anybody on it."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.roles import public
from web.styleguide.examples import context

#: The pages, each a template of that name.
PAGES = (
    "text", "actions", "notices", "lists", "worklist", "form", "asked-again", "counter", "confirm", "signature",
    "document", "certification", "status", "tasks", "opens-nothing", "planner", "planner-waits",
    "timeline", "bars", "patient", "yes", "no",
)  # fmt: skip


@public
@require_safe
def page(request: HttpRequest, name: str = PAGES[0]) -> HttpResponse:
    """One page of the style guide; 404 for another name, and in an installation."""
    if name not in PAGES or not (settings.DEMO or settings.DEBUG):
        raise Http404
    return render(request, f"styleguide/{name}.html", {**context(), "name": name, "page_names": PAGES})
