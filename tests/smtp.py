"""A small mail server on loopback, which can hang in each of the ways in which mail servers do."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.conf import LazySettings


class MailServer:
    """Takes e-mails, unless it is told to do otherwise with those to an address that begins with its name."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.taken: list[str] = []
        #: The words of each, by whom it went to.
        self.letters: list[tuple[str, str]] = []
        #: Each as it came, with its headers and parts.
        self.received: list[EmailMessage] = []
        #: How many connections there were.
        self.connections = 0
        #: It says nothing at all, from the first byte.
        self.silent = threading.Event()
        #: It never ends its greeting, of which it sends a byte at a time.
        self.drips = threading.Event()
        #: It takes the e-mail, and does not say good-bye.
        self.stays = threading.Event()
        #: It hangs up after each e-mail that it took.
        self.hangs_up = threading.Event()
        #: It lets whoever names an address wait for an answer; and it says so.
        self.holds, self.holding = threading.Event(), threading.Event()
        #: What is done when it has an e-mail, before it says that it took it.
        self.before_taken: Callable[[], None] = lambda: None
        #: What it says to some addresses, and to e-mails to them.
        self.at_address: dict[str, bytes] = {}
        self.at_data: dict[str, bytes] = {}
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self._open.append(client)
            self.connections += 1
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with suppress(OSError):
            if self.silent.is_set():
                return
            while self.drips.is_set():
                client.sendall(b"2")
                time.sleep(0.05)
            self._converse(client)

    def _converse(self, client: socket.socket) -> None:
        lines = client.makefile("rb")
        to = ""
        client.sendall(b"220 here\r\n")
        for command in lines:
            word = command[:4].upper().strip()
            if word == b"RCPT":
                to = command.split(b"<")[1].split(b">")[0].decode()
                if to.startswith("silent"):
                    return
                while self.holds.is_set():
                    self.holding.set()
                    time.sleep(0.02)
                answer = b"550 no" if to.startswith("refused") else b"250 yes"
                client.sendall(self.at_address.get(to, answer) + b"\r\n")
            elif word == b"DATA":
                client.sendall(b"354 go on\r\n")
                data = b""
                while (line := lines.readline()) not in (b".\r\n", b""):
                    data += line.removeprefix(b".") if line.startswith(b"..") else line
                if to in self.at_data:
                    client.sendall(self.at_data[to] + b"\r\n")
                    continue
                letter = message_from_bytes(data, policy=policy.default)
                plain = letter.get_body(("plain",))
                self.letters.append((to, str(plain.get_content()) if plain is not None else ""))
                self.received.append(letter)
                self.taken.append(to)
                self.before_taken()
                client.sendall(b"250 2.0.0 taken as 4711\r\n")
                if self.hangs_up.is_set():
                    client.shutdown(socket.SHUT_RDWR)
                    return
            elif word == b"QUIT":
                if not self.stays.is_set():
                    client.sendall(b"221 bye\r\n")
                    client.close()
                return
            else:
                client.sendall(b"250 yes\r\n")

    def close(self) -> None:
        """Stop listening, and hang up."""
        self.listener.close()
        for client in self._open:
            client.close()


@contextmanager
def serving(settings: LazySettings, *, timeout: float = 0.5) -> Iterator[MailServer]:
    """A mail server that the application sends by, with that time for each step."""
    server = MailServer()
    settings.EMAIL_BACKEND = "outbox.smtp.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, timeout
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def mail_server(settings: LazySettings) -> Iterator[MailServer]:
    """As `serving`."""
    with serving(settings) as server:
        yield server
