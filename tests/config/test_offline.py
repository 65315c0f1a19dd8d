"""The tests stay on this machine."""

import socket
import urllib.request

import pytest

from tests.offline import Outside


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "2001:db8::1"])
def test_another_machine_is_not_reached(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(Outside, match=host):
        client.connect((host, 80))


def test_neither_by_a_library() -> None:
    with pytest.raises(Outside):
        urllib.request.urlopen("http://192.0.2.1/", timeout=1)


def test_this_machine_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()
