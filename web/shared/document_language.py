"""In which language a reader is shown the texts to sign: what the browser asks for, among those that there are.

The interface is in English; only the texts have other languages, and each says on the page which one it is in.
"""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from compliance import documents

_reading: ContextVar[str] = ContextVar("reading", default=documents.FALLBACK)


def reading_language() -> str:
    """The language in which this request's reader is shown texts."""
    return _reading.get()


class Reading:
    """Middleware: takes the language from the browser's list, for the length of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        token = _reading.set(_asked_for(request.headers.get("Accept-Language", "")))
        try:
            response = self.get_response(request)
        finally:
            _reading.reset(token)
        patch_vary_headers(response, ["Accept-Language"])
        return response


def _asked_for(header: str) -> str:
    asked = (language[:2] for language, _weight in parse_accept_lang_header(header))
    return next((language for language in asked if language in documents.LANGUAGES), documents.FALLBACK)
