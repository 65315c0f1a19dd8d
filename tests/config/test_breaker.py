"""The circuit breaker of the database: it opens when the server is silent, and closes with its first answer."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.utils import OperationalError

from config.database import base, breaker
from config.database.breaker import Breaker, Silent
from devtools.embedded import APP
from tests import databases
from tests.config.proxy import Proxy


@pytest.fixture
def proxy(committed: str) -> Iterator[Proxy]:
    """What stands between the breaker and PostgreSQL."""
    proxy = Proxy(Path(str(connections["default"].settings_dict["HOST"])) / ".s.PGSQL.5432")
    yield proxy
    proxy.close()


@pytest.fixture
def parameters(proxy: Proxy) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": proxy.port, "user": APP, "dbname": databases.name(), "connect_timeout": 2}


def test_it_closes_with_the_first_answer(proxy: Proxy, parameters: dict[str, Any]) -> None:
    ours = Breaker()
    ours.remember(parameters)
    proxy.hung.set()
    ours.trip()
    begun = time.monotonic()
    with pytest.raises(Silent):
        ours.check()
    assert time.monotonic() - begun < 1
    proxy.hung.clear()
    closes(ours)


def closes(ours: Breaker) -> None:
    """Whoever asks again soon is let through."""
    until = time.monotonic() + 10
    while ours.is_open:
        assert time.monotonic() < until
        try:
            ours.check()
        except Silent:
            time.sleep(0.05)


def test_a_server_that_is_only_slow_does_not_open_it(parameters: dict[str, Any]) -> None:
    ours = Breaker()
    ours.remember(parameters)
    ours.suspect()
    until = time.monotonic() + 2
    while time.monotonic() < until:
        assert not ours.has_silence()
        time.sleep(0.1)


def test_the_silence_of_one_that_was_asked_opens_it(proxy: Proxy, parameters: dict[str, Any]) -> None:
    ours = Breaker()
    ours.remember(parameters)
    proxy.hung.set()
    ours.suspect()
    assert not ours.has_silence()
    time.sleep(breaker.SILENT + 0.1)
    assert ours.has_silence()
    proxy.hung.clear()
    closes(ours)


def test_a_first_connection_that_gets_no_answer_does_not_keep_it_open(
    proxy: Proxy, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that starts while the server is silent serves once it is back."""
    ours = Breaker()
    monkeypatch.setattr(base, "breaker", ours)
    proxy.hung.set()
    connection = connections["default"]
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", str(proxy.port))
    with pytest.raises(OperationalError):
        connection.ensure_connection()
    assert ours.is_open
    proxy.hung.clear()
    closes(ours)
    connection.ensure_connection()
    connection.close()
