"""PostgreSQL hangs: no decision, do not dispense. Redis hangs: a normal answer. On a real web server process."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from devtools.bench.run import session_of
from outbox.models import Message
from tests.config.processes import Web
from tests.histories import ClinicFactory


def question(number: str) -> dict[str, str]:
    return {"number": number, "born_on": "04/02/2001", "days_supply": "30", "key": str(uuid4())}


def test_a_silent_database_gives_no_decision(web: Web) -> None:
    session = session_of(ClinicFactory().pharmacies[0].pharmacists.get().user)
    status, words = web.ask("/counter/", session=session)
    assert status == 200
    assert "May I dispense?" in words
    web.postgres.hung.set()
    status, words = web.ask("/counter/", question("2222-2222"), session)
    web.postgres.hung.clear()
    assert status == 503
    assert "No decision. Do not dispense." in words
    status, words = web.ask("/counter/", question("2222-2222"), session)
    assert "No patient with that number and date of birth." in words


def test_a_silent_queue_changes_nothing(web: Web) -> None:
    """A report lays messages; the wake-up gets no answer, and the page comes all the same."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    clinic = ClinicFactory(now)
    patient = clinic.ready()
    assert patient.user is not None
    session, asked = session_of(patient.user), len(web.queue.open)
    number = clinic.authorize(patient, at=now).number
    assert number is not None
    status, words = web.ask("/patient/", session=session)
    assert status == 200
    status, _ = web.ask("/patient/pregnant/", {"key": str(uuid4())}, session)
    assert status == 302
    status, words = web.ask("/patient/", session=session)
    assert "Stop taking the medicine" in words
    assert len(web.queue.open) > asked, "the queue was never asked"
    assert Message.objects.filter(kind="authorization-overdue", subject=patient.pk).exists()


def ask_at_once(web: Web, paths: Sequence[str], session: str) -> list[tuple[float, int, str]]:
    """Ask for all of them at one time: after how many seconds each was answered, and what."""

    def ask(path: str) -> tuple[float, int, str]:
        begun = time.monotonic()
        status, words = web.ask(path, question("2222-2222") if path == "/counter/" else None, session)
        return time.monotonic() - begun, status, words

    with ThreadPoolExecutor(len(paths)) as threads:
        return list(threads.map(ask, paths))


@pytest.mark.parametrize("paths", [["/counter/"] * 12, ["/counter/", "/health/ready", "/pharmacy/", "/"] * 5])
def test_a_silent_database_keeps_no_queue_waiting(web: Web, paths: Sequence[str]) -> None:
    """Many at once on two processes: all are answered within five seconds, and at once when it is back."""
    session = session_of(ClinicFactory().pharmacies[0].pharmacists.get().user)
    for _ in range(6):  # so that both processes have a connection
        assert web.ask("/counter/", session=session)[0] == 200
    web.postgres.hung.set()
    answers = ask_at_once(web, paths, session)
    again = ask_at_once(web, paths[:6], session)
    web.postgres.hung.clear()
    assert max(seconds for seconds, _, _ in answers) < 5
    assert {(status, "No decision. Do not dispense." in words) for _, status, words in answers} == {(503, True)}
    assert max(seconds for seconds, _, _ in again) < 2
    back = ask_at_once(web, paths[:6], session)
    assert max(status for _, status, _ in back) < 500
    assert max(seconds for seconds, _, _ in back) < 2


def test_what_needs_no_database_is_answered_while_it_is_silent(web: Web) -> None:
    web.postgres.hung.set()
    assert web.ask("/health/ready")[0] == 503
    begun = time.monotonic()
    assert web.ask("/health/live") == (200, "live")
    assert web.ask("/metrics")[0] == 200
    assert time.monotonic() - begun < 4  # the other process finds out for itself
    web.postgres.hung.clear()
    assert web.ask("/health/ready")[0] == 200
