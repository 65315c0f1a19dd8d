"""PostgreSQL hangs: no decision, do not dispense. Redis hangs: a normal answer. On a real web server process."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from ledger.clock import override
from ledger.embedded import APP, OWNER
from tests.compliance.races import Town
from tests.config.proxy import Proxy
from tests.conftest import PATIENCE
from tests.load.bench import _session as session_of

ROOT = Path(__file__).resolve().parent.parent.parent
CSRF = "c" * 32


@pytest.fixture
def proxies() -> Iterator[Callable[[Path | None], Proxy]]:
    made: list[Proxy] = []

    def make(target: Path | None) -> Proxy:
        made.append(Proxy(target))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()


@contextmanager
def server(database: str, postgres: Proxy, redis_url: str) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    address = f"127.0.0.1:{postgres.port}/{database}"
    env = os.environ | {
        "DATABASE_URL": f"postgres://{APP}@{address}", "DATABASE_OWNER_URL": f"postgres://{OWNER}@{address}",
        "REDIS_URL": redis_url, "DEMO": "true", "LOG_LEVEL": "CRITICAL",
    }  # fmt: skip
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{port}", "-w", "1"]
    process = subprocess.Popen([*command, "--log-level", "critical"], cwd=ROOT, env=env)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if ask(port, "/health/live")[0] == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def ask(port: int, path: str, form: dict[str, str] | None = None, session: str = "") -> tuple[int, str]:
    """Answer and words. What is waited for without end raises TimeoutError."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}"}
    body = None
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form | {"csrfmiddlewaretoken": CSRF})
    connection.request("GET" if form is None else "POST", path, body, headers)
    answer = connection.getresponse()
    words = answer.read().decode()
    connection.close()
    return answer.status, words


def question(number: str) -> dict[str, str]:
    return {"number": number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}


def test_a_silent_database_gives_no_decision(committed: str, proxies: Callable[[Path | None], Proxy]) -> None:
    town = Town()
    session = session_of(town.pharmacies[0].pharmacists.get().user)
    postgres = proxies(Path(os.environ["CLEARFILL_FOLDER"]) / "pg" / ".s.PGSQL.5432")
    redis = f"unix://{os.environ['CLEARFILL_FOLDER']}/redis/sock"
    with server(committed, postgres, redis) as port:
        status, words = ask(port, "/counter/", session=session)
        assert status == 200
        assert "May I dispense?" in words
        postgres.hung.set()
        status, words = ask(port, "/counter/", question("2222-2222"), session)
        assert status == 503
        assert "No decision. Do not dispense." in words
        postgres.hung.clear()
        status, words = ask(port, "/counter/", question("2222-2222"), session)
        assert "No patient with that number and date of birth." in words


def test_a_silent_queue_changes_nothing(committed: str, proxies: Callable[[Path | None], Proxy]) -> None:
    """A report lays messages; the wake-up gets no answer, and the page comes all the same."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    town = Town(now)
    patient = town.ready()
    assert patient.user is not None
    session = session_of(patient.user)
    postgres = proxies(Path(os.environ["CLEARFILL_FOLDER"]) / "pg" / ".s.PGSQL.5432")
    hung = proxies(None)
    override(None)
    with server(committed, postgres, f"redis://127.0.0.1:{hung.port}/0") as port:
        number = town.authorize(patient, at=now).number
        assert number is not None
        status, words = ask(port, "/patient/", session=session)
        assert status == 200
        status, _ = ask(port, "/patient/pregnant/", {"key": str(uuid4())}, session)
        assert status == 302
        status, words = ask(port, "/patient/", session=session)
        assert "Stop taking the medicine" in words
    assert hung.open, "the queue was never asked"
    from outbox.models import Message

    assert Message.objects.filter(kind="authorization-overdue", subject=patient.pk).exists()
