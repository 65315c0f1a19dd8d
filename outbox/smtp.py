"""E-mail by SMTP, each conversation with an end: a server that hangs, or answers byte by byte, is hung up on.

One connection serves several e-mails; each has a time of its own. One that the server closed meanwhile is made anew
before the next e-mail is begun, never in the middle of one: it may have been taken.
"""

import os
import smtplib
import socket
from contextlib import suppress
from threading import Timer

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from .outcomes import code_of

#: Seconds for the whole of one conversation, or for each e-mail of several.
#: Each step has the shorter time of `EMAIL_TIMEOUT`.
CONVERSATION = 25.0


class _Bounded(smtplib.SMTP):
    """A conversation with an end."""

    _line: socket.socket | None = None
    _end: Timer | None = None
    #: What was answered to the last e-mail.
    answer = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # not in the stubs
        # A second handle of it: encryption takes the first one over.
        self._line = socket.socket(fileno=os.dup(plain.fileno()))
        self.begin()
        return plain

    def begin(self) -> None:
        """Its time begins, or begins anew."""
        if self._end is not None:
            self._end.cancel()
        self._end = Timer(CONVERSATION, self._hang_up)
        self._end.daemon = True
        self._end.start()

    def data(self, msg: str | bytes) -> tuple[int, bytes]:  # type: ignore[override]  # the stubs know it wrongly
        """Send the e-mail itself, and keep the code of the answer."""
        code, sentence = super().data(msg)
        self.answer = code_of(code, sentence)
        return code, sentence

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

    def open(self) -> bool | None:
        """Have an open connection: the one there is, if the server still answers on it, else a new one."""
        if isinstance(self.connection, _Bounded):
            self.connection.begin()
            with suppress(smtplib.SMTPException, OSError):
                if self.connection.noop()[0] == 250:
                    return False
            self._lose()
        return super().open()

    def _lose(self) -> None:
        """Let go of a connection on which nothing can be said any more."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _send(self, email_message: EmailMessage) -> bool:
        """Send one, and keep with it what was answered."""
        try:
            sent: bool = super()._send(email_message)  # type: ignore[misc]  # not in the stubs
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError):
            self._lose()
            raise
        email_message.answer = getattr(self.connection, "answer", "")  # type: ignore[attr-defined]  # ours
        return sent

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        """Say good-bye. A server that took the e-mail and does not answer to that has taken it all the same."""
        try:
            super()._close_connection(connection)  # type: ignore[misc]  # not in the stubs
        except OSError:
            connection.close()
