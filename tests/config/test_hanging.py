"""PostgreSQL hangs: no decision, do not dispense. Redis hangs: a normal answer. On a real web server process."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from devtools.bench.run import _session as session_of
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
