"""No bare answers: what the framework refuses without a word gets a page with our look and a way on."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template

#: The refusals that the framework answers with nothing, or with a line of its own.
_BARE = frozenset({400, 405, 413})


class BarePageMiddleware:
    """Middleware: an empty refusal becomes a page; a program gets JSON. No database access."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        response = self.get_response(request)
        if response.status_code not in _BARE or response.streaming or response.content:
            return response
        return dressed(request, response)


def dressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same answer with words; its headers stay."""
    status = response.status_code
    if "application/json" in request.headers.get("Accept", ""):
        full: HttpResponse = JsonResponse({"error": {400: "bad-request", 405: "method", 413: "too-large"}[status]})
    else:
        full = HttpResponse(get_template(f"errors/{status}.html").render({}))
    response.content = full.content
    response.headers["Content-Type"] = full.headers["Content-Type"]
    return response
