"""A provider of e-mail with an API on loopback, as Postmark's; it can fail in the ways in which providers do."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings

SECRET = "events:a password of more than twenty letters"
AUTHORIZATION = "Basic " + base64.b64encode(SECRET.encode()).decode()


class MailProvider:
    """Takes e-mails, unless it is told to do otherwise."""

    def __init__(self) -> None:
        #: What it was sent, whatever it answered.
        self.taken: list[dict[str, Any]] = []
        self.connections = 0
        #: The status of its answers: 200, 422 (this address takes nothing), 500, 401.
        self.status = 200
        #: Its words for an address that takes nothing.
        self.inactive = (
            "You tried to send to a recipient that has been marked as inactive.\nFound inactive addresses: {to}.\n"
            "Inactive recipients are ones that have generated a hard bounce or a spam complaint."
        )
        #: It takes the e-mail and never answers.
        self.hangs = threading.Event()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                provider.connections += 1

            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                provider.taken.append(sent)
                if provider.hangs.is_set():
                    while provider.hangs.is_set():
                        time.sleep(0.02)
                    return
                body = json.dumps(provider._answer(sent)).encode()
                self.send_response(provider.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(body)

            def do_HEAD(self) -> None:
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def _answer(self, sent: dict[str, Any]) -> dict[str, Any]:
        if self.status == 200:
            return {"To": sent["To"], "MessageID": str(uuid4()), "ErrorCode": 0, "Message": "OK"}
        if self.status == 422:
            return {"ErrorCode": 406, "Message": self.inactive.format(to=sent["To"])}
        return {"ErrorCode": 10, "Message": f"no, {sent['To']}"}

    def close(self) -> None:
        """Stop listening, and let go of whoever waits."""
        self.hangs.clear()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def mail_provider(settings: LazySettings) -> Iterator[MailProvider]:
    """A provider that the application sends by, and whose secret it knows."""
    provider = MailProvider()
    settings.MAIL_PROVIDER = "postmark"
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": provider.url, "WEBHOOK_SECRET": SECRET,
        "REQUESTS_TIMEOUT": (0.5, 0.5),
    }  # fmt: skip
    yield provider
    provider.close()
