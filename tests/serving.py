"""A server for the browser, one for all tests of a worker: the browser keeps what it has fetched from it."""

import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.http import HttpRequest
from django.test.testcases import LiveServerThread

#: Where a page is shown that no view answers; and where axe is.
SHOWN, AXE = "/shown-by-a-test/", "/axe.js"
#: What the browser need not ask for again.
KEPT = "max-age=86400"


@cache
def _axe() -> bytes:
    return str(Axe().axe_script).encode()


class Handler(StaticFilesHandler):
    """The application with its static files, which the browser need not ask for again."""

    #: The page that stands at `SHOWN`.
    shown = b""

    def __init__(self, application: Any) -> None:
        super().__init__(application)
        self._worked = threading.local()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer from the database that the test works in: a connection that is kept may be to the last one's."""
        if environ["PATH_INFO"] in (SHOWN, AXE):
            kind, body, kept = self._own(environ["PATH_INFO"])
            length = ("Content-Length", str(len(body)))
            start_response("200 OK", [("Content-Type", kind), ("Cache-Control", kept), length])
            return [body]
        database = connections["default"].settings_dict["NAME"]
        if getattr(self._worked, "on", database) != database:
            connections.close_all()
        self._worked.on = database
        return super().__call__(environ, start_response)

    def _own(self, path: str) -> tuple[str, bytes, str]:
        """What only tests show: its type, itself, and for how long it is kept."""
        if path == AXE:
            return "text/javascript; charset=utf-8", _axe(), KEPT
        return "text/html; charset=utf-8", Handler.shown, "no-store"

    def serve(self, request: HttpRequest) -> Any:
        """A static file."""
        response = super().serve(request)
        response["Cache-Control"] = KEPT
        return response


def serve() -> Iterator[str]:
    """Run one; gives its address."""
    thread = LiveServerThread("localhost", Handler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None, thread.error
    yield f"http://localhost:{thread.port}"
    thread.terminate()
