"""The document language: the one in which a reader is shown the texts to sign, and the questions.

It is the language that stands in the reader's account, or else the one that the browser asks for. The interface is in
English; only the texts have other languages, and each says on the page which one it is in.
"""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.models import User
from compliance import documents
from patients.language import language_of

_request: ContextVar[HttpRequest | None] = ContextVar("document_language_request", default=None)


def document_language() -> str:
    """The language in which this request's reader is shown texts."""
    request = _request.get()
    if request is None:
        return documents.FALLBACK
    reader = getattr(request, "user", None)
    known = language_of(reader) if isinstance(reader, User) else ""
    return known if known in documents.LANGUAGES else _accepted(request.headers.get("Accept-Language", ""))


class DocumentLanguageMiddleware:
    """Middleware: keeps the request at hand, for its length. Who reads is looked up only where a text is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        token = _request.set(request)
        try:
            response = self.get_response(request)
        finally:
            _request.reset(token)
        patch_vary_headers(response, ["Accept-Language"])
        return response


def _accepted(header: str) -> str:
    languages = (language[:2] for language, _weight in parse_accept_lang_header(header))
    return next((language for language in languages if language in documents.LANGUAGES), documents.FALLBACK)
