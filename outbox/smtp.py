"""E-mail by SMTP, each conversation with an end: a server that hangs, or answers byte by byte, is hung up on."""

import os
import smtplib
import socket
from contextlib import suppress
from threading import Timer

from django.core.mail.backends.smtp import EmailBackend

#: Seconds for the whole of one conversation. Each step has the shorter time of `EMAIL_TIMEOUT`.
CONVERSATION = 25.0


class _Bounded(smtplib.SMTP):
    """A conversation with an end."""

    _line: socket.socket | None = None
    _end: Timer | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # not in the stubs
        # A second handle of it: encryption takes the first one over.
        self._line = socket.socket(fileno=os.dup(plain.fileno()))
        self._end = Timer(CONVERSATION, self._hang_up)
        self._end.daemon = True
        self._end.start()
        return plain

    def _hang_up(self) -> None:
        with suppress(AttributeError, OSError):  # it has just ended by itself
            self._line.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    def close(self) -> None:
        """Close it, and forget its end."""
        super().close()
        if self._end is not None:
            self._end.cancel()
        if self._line is not None:
            self._line.close()
            self._line = None


class _BoundedAndEncrypted(smtplib.SMTP_SSL, _Bounded):
    """The same, encrypted from its first byte."""


class SmtpBackend(EmailBackend):
    """Django's, by conversations that have an end."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """What speaks with the server."""
        return _BoundedAndEncrypted if self.use_ssl else _Bounded

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        """Say good-bye. A server that took the e-mail and does not answer to that has taken it all the same."""
        try:
            super()._close_connection(connection)  # type: ignore[misc]  # not in the stubs
        except OSError:
            connection.close()
