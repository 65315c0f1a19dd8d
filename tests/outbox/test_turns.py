"""Turns: whatever waits, and however long it takes, letters, PDFs and the sweep keep none of each other waiting."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zlib import crc32

import pytest
from celery import Task
from django.db import OperationalError, connection

from compliance.commands.refresh import FIRST, Batch
from compliance.models import PatientStatus, PdfJob
from compliance.signing.pdf import queue
from compliance.signing.pdf.tasks import make
from notifications import sweep as sweeping
from notifications.tasks import SWEEPERS, sweep
from outbox import box, turns
from outbox.models import Message
from outbox.tasks import deliver
from tests import databases
from tests.clocks import Clock
from tests.histories import ClinicFactory

#: Each task that takes turns, with the name of its turn.
TASKS: dict[str, Task[[], int]] = {"deliver": deliver, "signed-pdfs": make, "sweep": sweep}


def some_messages() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    for _ in range(40):
        number = uuid4()
        Message(
            id=number, key=str(number), kind="slow", enqueued_at=at, due_at=at, next_attempt_at=at, data={}
        ).save()  # fmt: skip


def some_pdfs() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    PdfJob.objects.bulk_create(
        PdfJob(subject_kind="patient", subject=uuid4(), signature=1, next_attempt_at=at) for _ in range(738)
    )


def some_statuses() -> None:
    clinic = ClinicFactory()
    for _ in range(4):
        clinic.ready()
    PatientStatus.objects.update(next_due_at=datetime(2026, 12, 1, tzinfo=UTC))


#: What each of them finds to do, and what takes long in doing it.
WORK: dict[str, tuple[Callable[[], None], Any, str]] = {
    "deliver": (some_messages, None, ""),
    "signed-pdfs": (some_pdfs, queue, "_seal_pdf"),
    "sweep": (some_statuses, sweeping, "refresh_due"),
}


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that were queued."""
    names: list[str] = []
    for module in ("outbox.box", "notifications.tasks", "compliance.signing.pdf.tasks"):
        monkeypatch.setattr(f"{module}.queue", lambda task: names.append(task.name))
    return names


LOCKED = """
pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND datname = current_database()
"""
END_WHO_HAS_A_TURN = f"SELECT pg_terminate_backend(pid) FROM {LOCKED}"


@contextmanager
def held_elsewhere(task: str, place: int = 0) -> Iterator[None]:
    """Another process has the turn of that task."""
    with databases.owner_connection(databases.name()) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [turns._TURNS + place, crc32(task.encode()) - 2**31])
        yield
        other.execute("SELECT pg_advisory_unlock_all()")


@pytest.mark.django_db
@pytest.mark.parametrize("task", TASKS)
def test_a_turn_is_short_and_what_is_left_queues_up_again(
    task: str, clock: Clock, queued: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.set("2026-12-20T12:00-05:00")
    fill, module, slow = WORK[task]
    fill()
    done: list[int] = []

    def slowly(*_: object, **__: object) -> Batch:
        done.append(1)
        time.sleep(0.15)
        return Batch(last=FIRST, refreshed=1, failed={})

    monkeypatch.setattr(turns, "TURN", 0.4)
    monkeypatch.setitem(box._RENDERERS, "slow", lambda *_: slowly() and None)
    if module is not None:
        monkeypatch.setattr(module, slow, slowly)
    queued.clear()
    begun = time.monotonic()
    TASKS[task]()
    assert time.monotonic() - begun < 3
    assert 1 <= len(done) <= 4
    assert queued == [TASKS[task].name]


@pytest.mark.parametrize("task", TASKS)
def test_one_process_at_a_time_has_the_turn(task: str, committed: str, clock: Clock) -> None:
    """The others are free for what else there is: a second one finds nothing to do, at once."""
    with held_elsewhere(task):
        assert TASKS[task]() == 0
        with turns.turn(task) as mine:
            assert mine is None
    with turns.turn(task) as mine:
        assert mine is not None


def test_two_processes_sweep_at_once_and_no_third(committed: str, clock: Clock) -> None:
    clock.set("2026-12-20T12:00-05:00")
    some_statuses()
    with held_elsewhere("sweep"):
        with turns.turn("sweep", places=SWEEPERS) as second:
            assert second is not None
            with databases.owner_connection(databases.name()) as asked:
                assert sweeps(asked) == 2
        assert sweep() == 4
    PatientStatus.objects.update(next_due_at=datetime(2026, 12, 1, tzinfo=UTC))
    with held_elsewhere("sweep"), held_elsewhere("sweep", place=1):
        assert sweep() == 0
    assert sweep() == 4


def sweeps(asked: Any) -> int:
    """How many processes have a turn."""
    return int(asked.execute(f"SELECT count(*) FROM {LOCKED}").fetchone()[0])


def test_a_turn_ends_with_the_connection_of_whoever_had_it(committed: str) -> None:
    with (
        pytest.raises(OperationalError),
        databases.owner_connection(databases.name()) as other,
        turns.turn("sweep"),
    ):
        other.execute(END_WHO_HAS_A_TURN)
    connection.close()
    until = time.monotonic() + 10
    while True:
        with turns.turn("sweep") as mine:
            if mine is not None:
                return
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.django_db
def test_a_letter_is_delivered_while_738_pdfs_wait(clock: Clock, queued: list[str], mailoutbox: list[Any]) -> None:
    clock.set("2026-12-20T12:00-05:00")
    some_pdfs()
    box.register("short", lambda *_: box.RenderedMessage("ana@example.org", "Subject", "Body"))
    number = uuid4()
    box.enqueue([Message(id=number, key=str(number), kind="short", due_at=clock())], at=clock())
    try:
        with held_elsewhere("signed-pdfs"):
            assert deliver() == 1
    finally:
        del box._RENDERERS["short"]
    assert len(mailoutbox) == 1
    assert PdfJob.objects.filter(done_at=None).count() == 738
