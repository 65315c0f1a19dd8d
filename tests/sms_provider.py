"""A provider of text messages with an API on loopback, as Twilio's; it can fail in the ways in which providers do."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from django.conf import LazySettings

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "a token", "+12125550199"


class SmsProvider:
    """Takes text messages, unless it is told to do otherwise."""

    def __init__(self) -> None:
        #: What it was sent, whatever it answered, and the path.
        self.taken: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.authorizations: list[str] = []
        #: Its answers: a status and a code of its own; an answer that is no JSON; one that never ends.
        self.status, self.code = 201, 0
        self.body: bytes | None = None
        #: It takes the text and never answers.
        self.hangs = threading.Event()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                provider.taken.append({name: values[0] for name, values in sent.items()})
                provider.paths.append(self.path)
                provider.authorizations.append(self.headers["Authorization"])
                if provider.hangs.is_set():
                    while provider.hangs.is_set():
                        time.sleep(0.02)
                    return
                body = provider.body if provider.body is not None else provider._answer()
                with suppress(OSError):
                    self.send_response(provider.status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def _answer(self) -> bytes:
        to = self.taken[-1]["To"]
        if self.status < 300:
            return json.dumps({"sid": f"SM{len(self.taken):032x}", "status": "queued", "to": to}).encode()
        return json.dumps({"code": self.code, "message": f"The number {to} cannot", "status": self.status}).encode()

    def close(self) -> None:
        """Stop listening, and let go of whoever waits."""
        self.hangs.clear()
        self.server.shutdown()
        self.server.server_close()


def signature(url: str, posted: dict[str, str], token: str = TOKEN) -> str:
    """What it signs what it tells with."""
    text = url + "".join(name + posted[name] for name in sorted(posted))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), "sha1").digest()).decode()


@pytest.fixture
def sms_provider(settings: LazySettings) -> Iterator[SmsProvider]:
    """A provider that the application sends text messages by."""
    provider = SmsProvider()
    options = {"account": ACCOUNT, "token": TOKEN, "sender": SENDER, "api": provider.url, "timeout": (0.5, 0.5)}
    settings.SMS_GATEWAY = {"class": "outbox.twilio.Twilio", "options": options}
    yield provider
    provider.close()
