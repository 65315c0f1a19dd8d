"""The document language: the one in which a reader is shown the texts to sign. The browser's list chooses it.

The interface is in English; only the texts have other languages, and each says on the page which one it is in.
"""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from compliance import documents

_language: ContextVar[str] = ContextVar("document_language", default=documents.FALLBACK)


def document_language() -> str:
    """The language in which this request's reader is shown texts."""
    return _language.get()


class DocumentLanguageMiddleware:
    """Middleware: takes the language from the browser's list, for the length of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        token = _language.set(_accepted(request.headers.get("Accept-Language", "")))
        try:
            response = self.get_response(request)
        finally:
            _language.reset(token)
        patch_vary_headers(response, ["Accept-Language"])
        return response


def _accepted(header: str) -> str:
    languages = (language[:2] for language, _weight in parse_accept_lang_header(header))
    return next((language for language in languages if language in documents.LANGUAGES), documents.FALLBACK)
