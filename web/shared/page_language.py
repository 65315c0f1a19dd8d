"""The language of a page: that of the reader's account, or else the one chosen in the header of this browser, or else
the one that the browser asks for, or else English.

Texts to sign are shown in it too, where there are such; each says which one it is in. What is stored stays as it was
written, whoever reads it.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.languages import LANGUAGES
from accounts.models import User
from compliance import documents

#: A year, for which the browser keeps the language that was chosen in the header.
COOKIE_AGE = 365 * 24 * 3600


def page_language() -> str:
    """The language that is spoken now, one of `LANGUAGES`."""
    language = (translation.get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return language if language in LANGUAGES else settings.LANGUAGE_CODE


def document_language() -> str:
    """The language in which this request's reader is shown texts to sign."""
    language = page_language()
    return language if language in documents.LANGUAGES else documents.FALLBACK


def remember(response: HttpResponse, language: str) -> None:
    """Let this browser keep the language, also for who is not signed in; without one, let it forget."""
    if not language:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=COOKIE_AGE, httponly=True,
        secure=settings.SESSION_COOKIE_SECURE, samesite="Lax",
    )  # fmt: skip


class PageLanguageMiddleware:
    """Middleware: speaks the language that this browser chose or asks for, on pages of refusals too.

    Stands outside of all that answers with words. Reads no table.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and say in which language."""
        with translation.override(translation.get_language_from_request(request)):
            response = self.get_response(request)
            if response.headers.get("Content-Type", "").startswith("text/html"):
                response.headers.setdefault("Content-Language", page_language())
                patch_vary_headers(response, ["Accept-Language", "Cookie"])
            return response


class AccountLanguageMiddleware:
    """Middleware: speaks the language of the reader's account, where one is known. Stands behind `PlaceMiddleware`.

    The language is given back by `PageLanguageMiddleware`, so that pages of refusals further out are in it too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        if request.session.get("_auth_user_id") and isinstance(request.user, User):
            speak(request.user.language)
        return self.get_response(request)


def speak(language: str) -> None:
    """Go on in that language, if it is one of ours."""
    if language in LANGUAGES:
        translation.activate(language)
