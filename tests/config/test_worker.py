"""The worker gets its database back: on a real worker, of which at most one task fails for each connection lost."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from config.celery import app
from outbox import heartbeats
from tests import databases
from tests.config.processes import START
from tests.config.test_log_lines import lines_of, whole
from tests.config.worker import TASKS, Worker, running

SOCKET = Path(os.environ["CLEARFILL_FOLDER"]) / "pg" / ".s.PGSQL.5432"


#: What beat asks for each minute; and what a worker had done before anybody asked it.
ASKED_FOR_BY_ITSELF = {*TASKS, heartbeats.MINUTE_CHECKPOINT}
begun: dict[str, datetime] = {}


@pytest.fixture(scope="module")
def worker(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    database = f"{databases.name()}_worker"
    databases.copy(database)
    with running(database, SOCKET, tmp_path_factory.mktemp("worker")) as worker:
        until = time.monotonic() + START
        while not set(worker.beats()) >= ASKED_FOR_BY_ITSELF and time.monotonic() < until:
            time.sleep(0.1)
        begun.update(worker.beats())
        worker.works()
        yield worker
    databases.drop(database)


def end(worker: Worker) -> None:
    worker.end_connections()


def cut(worker: Worker) -> None:
    worker.cut()


def end_twice(worker: Worker) -> None:
    worker.end_connections()
    worker.ask()
    worker.wait_until_idle()
    worker.end_connections()


#: How a connection is lost, and how often. Each time a task may be in the middle of its work.
LOST: dict[str, tuple[Callable[[Worker], None], int]] = {
    "PostgreSQL ends it": (end, 1),
    "a firewall closes it": (cut, 1),
    "it is lost again soon": (end_twice, 2),
}


@pytest.mark.parametrize("way", LOST)
def test_an_idle_connection_that_is_lost_costs_one_task_at_most(worker: Worker, way: str) -> None:
    lose, times = LOST[way]
    before = len(worker.failures())
    lose(worker)
    assert worker.works(seconds=20) < 15
    assert len(worker.failures()) - before <= times


def test_a_silent_postgresql_is_not_waited_for_without_end(worker: Worker) -> None:
    """It neither answers nor hangs up. What was asked of it meanwhile fails; after it all goes on."""
    worker.postgres.hung.set()
    worker.ask()
    time.sleep(1)
    worker.postgres.hung.clear()
    assert worker.works(seconds=20) < 15


def test_letters_leave_while_more_pdfs_wait_than_a_turn_makes(worker: Worker) -> None:
    """On a worker of one process: the PDFs take their turns, and so does everybody else."""
    with worker.server() as server:
        server.execute(SOME_PDFS)
        server.execute(A_LETTER, [uuid4()])
        worker.ask(heartbeats.SIGNED_PDFS, heartbeats.DELIVER)
        until = time.monotonic() + 20
        while server.execute("SELECT 1 FROM outbox_message WHERE last_error = 'KeyError'").fetchone() is None:
            assert time.monotonic() < until, worker.written.read_text()[-2000:]
            time.sleep(0.1)


SOME_PDFS = """
INSERT INTO compliance_pdfjob (subject_kind, subject, signature, next_attempt_at, attempts, last_error)
SELECT 'patient', gen_random_uuid(), 1, now() - interval '1 day', 0, '' FROM generate_series(1, 738)
"""
#: Of a kind that nobody renders: that it was taken shows by its error.
A_LETTER = """
INSERT INTO outbox_message (id, key, kind, data, enqueued_at, due_at, next_attempt_at, attempts, last_error)
VALUES (%s, 'a letter', 'unheard-of', '{}', now(), now(), now(), 0, '')
"""


def test_messages_have_a_queue_of_their_own_which_goes_first() -> None:
    """A worker that is told nothing takes both; of all tasks the making of documents alone has the other queue."""
    app.autodiscover_tasks(force=True)
    app.autodiscover_tasks(["compliance.signing.pdf"], force=True)
    queue_of = {name: app.amqp.router.route({}, name)["queue"].name for name in app.tasks if "celery." not in name}
    assert {name for name, queue in queue_of.items() if queue == "documents"} == {"compliance.signing.pdf.tasks.make"}
    assert set(queue_of.values()) == {"celery", "documents"} == set(app.amqp.queues)
    assert sorted(app.amqp.queues)[0] == queue_of["outbox.tasks.deliver"]
    assert app.conf.broker_transport_options["queue_order_strategy"] == "sorted"


def test_messages_that_come_after_documents_are_delivered_before_them(worker: Worker) -> None:
    """On a worker of one process, which works off what was queued while it was busy."""
    worker.wait_until_idle()
    with worker.server() as server, server.transaction():
        server.execute("LOCK TABLE outbox_heartbeat IN ACCESS EXCLUSIVE MODE")
        worker.ask(*[heartbeats.SIGNED_PDFS] * 6, *[heartbeats.DELIVER] * 10)
    worker.wait_until_idle()
    until = time.monotonic() + 20
    while (beats := worker.beats())[heartbeats.SIGNED_PDFS] < beats[heartbeats.DELIVER]:
        assert time.monotonic() < until, beats
        time.sleep(0.05)


def test_what_is_asked_for_a_moment_later_is_done_then(worker: Worker) -> None:
    """As the second round of those that are asked for within a second is (`outbox.box.notify_worker`)."""
    worker.works()
    due = datetime.now(UTC) + timedelta(seconds=1)
    worker.ask(heartbeats.DELIVER, wait=1.0)
    until = time.monotonic() + START
    while worker.beats()[heartbeats.DELIVER] < due:
        assert time.monotonic() < until, worker.written.read_text()[-2000:]
        time.sleep(0.05)


def test_a_worker_that_starts_waits_for_nobody_to_ask(worker: Worker) -> None:
    """What beat asks for each minute is done once by itself: an installation is ready within seconds."""
    assert set(begun) >= ASKED_FOR_BY_ITSELF


def test_a_worker_writes_one_object_a_line(worker: Worker) -> None:
    """Of what goes well and of what does not."""
    end(worker)
    worker.works(seconds=20)
    worker.postgres.hung.set()
    worker.ask()
    time.sleep(0.5)
    cut(worker)
    worker.postgres.hung.clear()
    worker.works(seconds=20)
    lines = lines_of(worker.written)
    assert {"info", "error"} <= {line["level"] for line in lines}
    assert whole(lines)
