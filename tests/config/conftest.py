"""One web server process for all tests that need one."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests import databases
from tests.config.processes import START, Web, free_port
from tests.config.proxy import Proxy


@pytest.fixture(scope="session")
def _web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    socket = Path(os.environ["CLEARFILL_FOLDER"]) / "pg" / ".s.PGSQL.5432"
    written = tmp_path_factory.mktemp("web") / "written"
    web = Web(free_port(), f"{databases.name()}_web", Proxy(socket), Proxy(None), written)
    databases.copy(web.database)
    process = web.start()
    yield web
    process.terminate()
    process.wait(START)
    for line in written.read_text().splitlines():
        json.loads(line)  # its last words too
    web.postgres.close()
    web.queue.close()
    databases.drop(web.database)


@pytest.fixture
def web(_web: Web, django_db_blocker: DjangoDbBlocker) -> Iterator[Web]:
    """A web server of its own process, and Django in the same database, with real commits; emptied afterwards."""
    before = databases.name()
    with django_db_blocker.unblock():
        databases.point(_web.database)
        yield _web
        _web.postgres.hung.clear()
        databases.point(before)
        databases.empty(_web.database)
