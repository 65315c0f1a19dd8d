"""The WSGI application for a web server."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from config.middleware import database_timeout
from config.middleware.headers import NOT_UTF_8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_django = get_wsgi_application()
database_timeout.watch_everything()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request. One whose text is not in UTF-8 is refused by `config.middleware.headers`, before any of it is
    read:

    Django reads it with whichever codec the client names, while nothing stands around it yet that answers a fault.
    """
    if not _in_utf_8(environ.get("CONTENT_TYPE", "")):
        environ = environ | {"CONTENT_TYPE": "", NOT_UTF_8: True}
    return _django(environ, start_response)


def _in_utf_8(content_type: str) -> bool:
    """Whether a content type names no charset, or that one. One that cannot be read is refused alike."""
    try:
        _kind, parameters = parse_header_parameters(content_type)
    except (LookupError, ValueError):
        return False
    return parameters.get("charset", "utf-8").strip().lower() in ("utf-8", "utf8")
