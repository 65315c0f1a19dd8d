"""A small proxy between a client and a server, which can be told to hang: it takes everything and passes nothing on."""

import socket
import threading
from contextlib import suppress
from pathlib import Path


def hang_up(end: socket.socket) -> None:
    """Close it, also where another thread reads from it: to close alone would tell the other side only after that."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


class Proxy:
    """Listens on loopback and forwards to a Unix socket, or to nobody."""

    def __init__(self, target: Path | None) -> None:
        self.target = target
        self.hung = threading.Event()
        if target is None:
            self.hung.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                if self.listener.fileno() < 0:
                    return
                continue
            self.open.append(client)
            if self.target is None:
                continue
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self.target))
            except OSError:
                hang_up(client)
                server.close()
                continue
            self.open.append(server)
            for source, drain in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=(source, drain), daemon=True).start()

    def _pump(self, source: socket.socket, drain: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if self.hung.is_set():
                    continue
                drain.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, drain):
                hang_up(end)

    def close(self) -> None:
        """Stop listening, and drop what is open."""
        self.listener.close()
        for end in self.open:
            hang_up(end)
