"""A small mail server on loopback, which can hang in each of the ways in which mail servers do."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy

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
        #: It says nothing at all, from the first byte.
        self.silent = threading.Event()
        #: It never ends its greeting, of which it sends a byte at a time.
        self.drips = threading.Event()
        #: It takes the e-mail, and does not say good-bye.
        self.stays = threading.Event()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self._open.append(client)
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
                client.sendall(b"550 no\r\n" if to.startswith("refused") else b"250 yes\r\n")
            elif word == b"DATA":
                client.sendall(b"354 go on\r\n")
                data = b""
                while (line := lines.readline()) not in (b".\r\n", b""):
                    data += line.removeprefix(b".") if line.startswith(b"..") else line
                letter = message_from_bytes(data, policy=policy.default)
                self.letters.append((to, str(letter.get_content())))
                self.taken.append(to)
                client.sendall(b"250 taken\r\n")
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
