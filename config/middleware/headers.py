"""Response headers on every answer, and the refusal of other methods, other charsets and unencrypted requests."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.urls import reverse

#: What pages here may do with a device: use its passkeys, nothing else.
PERMISSIONS = ", ".join((
    *(f"{name}=()" for name in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
        "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
    )),
    "publickey-credentials-create=(self)", "publickey-credentials-get=(self)",
))  # fmt: skip

#: Everything here is asked for and sent by these; nothing answers to any other.
METHODS = ("GET", "HEAD", "POST")

#: What `config.wsgi` writes into the environment of a request whose text is not in UTF-8. No header makes such a name.
NOT_UTF_8 = "clearfill.not_utf_8"


class SecurityHeadersMiddleware:
    """Middleware: headers on every answer, assets and refusals too; no other methods; nothing unencrypted is taken.

    Stands inside of the policy on content, and outside of all else that answers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        #: What Django says on answers that come from further in is said on those of here as well.
        self._said_everywhere = SecurityMiddleware(get_response).process_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and say what is to be done with the answer."""
        response = self._said_everywhere(request, _refusal(request) or self.get_response(request))
        headers = response.headers
        headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Assets say for themselves how long they keep; what is about people is kept nowhere.
        headers.setdefault("Cache-Control", "no-store")
        if request.method == "POST" and request.path == reverse("account_logout"):
            headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """The answer to what is not done here: another charset or method, or sending unencrypted (never redirected)."""
    if NOT_UTF_8 in request.META:
        return HttpResponse("Use UTF-8.", status=400, content_type="text/plain; charset=utf-8")
    if request.method not in METHODS:
        return HttpResponse(status=405, headers={"Allow": ", ".join(METHODS)})
    unencrypted = settings.SECURE_SSL_REDIRECT and not request.is_secure()
    if unencrypted and (request.method == "POST" or "application/json" in request.headers.get("Accept", "")):
        return HttpResponse("Use https.", status=403, content_type="text/plain; charset=utf-8")
    return None
