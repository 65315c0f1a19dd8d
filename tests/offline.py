"""No test reaches another machine: a connection beyond loopback is an error, whoever opens it."""

import ipaddress
import socket
from typing import Any

import pytest

_OF_THE_NETWORK = (socket.AF_INET, socket.AF_INET6)


class Outside(RuntimeError):
    """A test tried to reach another machine."""


def is_here(host: str) -> bool:
    """That host is this machine."""
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _offline() -> Any:
    """For the whole run; processes that a test starts are their own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


def _guarded(original: Any) -> Any:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in _OF_THE_NETWORK and not is_here(str(address[0])):
            self.close()
            raise Outside(f"a test tried to reach {address[0]}")
        return original(self, address)

    return connect
