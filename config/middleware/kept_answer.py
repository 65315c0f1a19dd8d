"""The answer of a view is kept: what is written after it, by whichever middleware, cannot make another one of it.

A decision that was committed is told as such, although the session could not be saved, or was ended meanwhile.
`config.errors` gives the kept answer instead of an error page.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class KeptAnswerMiddleware:
    """Middleware, the innermost: remembers what the view answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and keep the answer beside it."""
        response = self.get_response(request)
        request.kept_answer = response  # type: ignore[attr-defined]
        return response


def is_answered(request: HttpRequest) -> bool:
    """Whether the view had answered: what failed came after it."""
    return hasattr(request, "kept_answer")


def kept_answer(request: HttpRequest) -> HttpResponse | None:
    """What the view answered; None where it did not, or where its answer is worth nothing without a session.

    That is so for whoever was given another session, such as by signing in: its cookie was never sent.
    """
    answer: HttpResponse | None = getattr(request, "kept_answer", None)
    return None if _has_another_session(request) else answer


def _has_another_session(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    if session is None or not session.modified:
        return False
    return bool(session.session_key != request.COOKIES.get(settings.SESSION_COOKIE_NAME))
