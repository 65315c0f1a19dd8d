"""Database timeout: a request that waits too long loses its connection; a slow one that does not wait keeps it."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from prometheus_client import REGISTRY

from config.middleware import database_timeout
from config.middleware.database_timeout import DatabaseTimeoutMiddleware
from devtools import embedded
from tests.config import starting


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, committed: str) -> None:
    monkeypatch.setattr(database_timeout, "LIMIT", 0.5)
    monkeypatch.setattr(database_timeout, "_PAUSE", 0.05)


def ask(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


def cuts() -> float:
    return REGISTRY.get_sample_value("clearfill_database_timeouts_total") or 0


def test_a_page_that_computes_for_long_keeps_its_connection() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        ask(0)
        backend = connection.connection
        time.sleep(1.5)
        ask(0)
        return HttpResponse(str(connection.connection is backend))

    before = cuts()
    assert DatabaseTimeoutMiddleware(page)(HttpRequest()).content == b"True"
    assert cuts() == before


def test_one_answer_that_does_not_come_is_waited_for_no_longer() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        ask(20)
        return HttpResponse()

    before = cuts()
    with pytest.raises(OperationalError):
        DatabaseTimeoutMiddleware(page)(HttpRequest())
    assert cuts() == before + 1


def test_a_cut_is_counted_before_its_request_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no request ends while it is cut: its connection may by then serve the next one."""

    class SlowCounter:
        counted = False

        def inc(self) -> None:
            time.sleep(0.5)
            SlowCounter.counted = True

    def page(request: HttpRequest) -> HttpResponse:
        ask(20)
        return HttpResponse()

    monkeypatch.setattr(database_timeout, "TIMEOUTS", SlowCounter())
    with pytest.raises(OperationalError):
        DatabaseTimeoutMiddleware(page)(HttpRequest())
    assert SlowCounter.counted


def test_many_slow_answers_count_together() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            for _ in range(200):
                ask(0.2)
        return HttpResponse()

    before = cuts()
    with pytest.raises(OperationalError):
        DatabaseTimeoutMiddleware(page)(HttpRequest())
    assert cuts() == before + 1


def test_one_thread_watches_a_process_however_many_handlers_it_has() -> None:
    """A thread each would be thousands in a process that makes a handler for every client, and wake all the time."""
    for _ in range(5):
        DatabaseTimeoutMiddleware(lambda _: HttpResponse())(HttpRequest())
    assert [thread.name for thread in threading.enumerate()].count("database-timeout") == 1


#: A process that waits 1.5 s for an answer, of which it may wait 0.5 s.
_WAITS = """
import sys
import django
django.setup()
from django.http import HttpResponse, HttpRequest
from config.database.timeout import Connection
from config.middleware import database_timeout

database_timeout.LIMIT, database_timeout._PAUSE = 0.5, 0.05
server = Connection.connect(sys.argv[1])

def page(request):
    print("asks", flush=True)
    server.execute("SELECT pg_sleep(1.5)")
    return HttpResponse()

print(database_timeout.DatabaseTimeoutMiddleware(page)(HttpRequest()).status_code, flush=True)
"""


@pytest.mark.parametrize(
    ("stands_still_for", "answer"), [(1.2, "200"), (0, "")], ids=["stood still", "did not stand still"]
)
def test_a_process_that_stood_still_did_not_wait(stands_still_for: float, answer: str) -> None:
    """A machine that was paused, or had no time for it: the answer lies ready when the process goes on."""
    server = f"host={Path(os.environ['CLEARFILL_FOLDER']) / 'pg'} user={embedded.OWNER} dbname=postgres"
    process, said = starting.saying(["-c", _WAITS, server])
    with said:
        assert said.readline() == "asks\n"
        if stands_still_for:
            # By then the answer is waited for.
            time.sleep(0.2)
            process.send_signal(signal.SIGSTOP)
            time.sleep(stands_still_for)
            process.send_signal(signal.SIGCONT)
        assert said.read().strip() == answer
    process.wait(starting.START)
