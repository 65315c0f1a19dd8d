"""The answer to a form whose token is stale: the same form once more, filled as it was, with a fresh token.

Only a form of this very site comes back: one that another site sent is shown nothing that a press could send.
"""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

#: What is never sent back: tokens, and what only its owner types.
_NEVER = ("csrfmiddlewaretoken", "password", "oldpassword", "code", "assertion", "credential")


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 with the form filled; who has signed in elsewhere meanwhile is led to their own page."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": "stale-form"}, status=403)
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and request.path == reverse("account_login"):
        return redirect("home")
    context = {"fields": _fields(request) if _is_ours(request) else [], "ours": _is_ours(request)}
    return render(request, "errors/stale_form.html", context, status=403)


def _is_ours(request: HttpRequest) -> bool:
    """Whether the form stood on a page of this site, as the browser says; no header is no."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(source).netloc == request.get_host() and urlsplit(source).scheme == request.scheme


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    names = [name for name in request.POST if not any(name == never or "password" in name for never in _NEVER)]
    return [(name, value) for name in names for value in request.POST.getlist(name)]
