"""The worker's health: red, with a sentence, while nothing is swept, delivered or made; green when it works."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from prometheus_client import REGISTRY

from compliance.models import PdfJob
from compliance.signing.pdf.tasks import make
from notifications import tasks, worker_health
from notifications.worker_health import NO_CHECKPOINT, NOT_COMPARED, SENTENCES, UNDELIVERED, UNMADE
from outbox import RenderedMessage, box, heartbeats
from outbox.models import Message
from outbox.tasks import deliver
from tests.clocks import Clock
from tests.histories import ClinicFactory

pytestmark = pytest.mark.django_db

WORK: dict[str, Callable[[], int | None]] = {
    heartbeats.SWEEP: tasks.sweep,
    heartbeats.DELIVER: deliver,
    heartbeats.SIGNED_PDFS: make,
    heartbeats.MINUTE_CHECKPOINT: tasks.minute_checkpoint,
}


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(box._RENDERERS, "told", lambda *_: RenderedMessage("ana@example.org", "Subject", "Body"))


def work(*but: str) -> None:
    """The worker's whole work, but for some of it."""
    for name, task in WORK.items():
        if name not in but:
            task()


def health() -> tuple[int, list[str]]:
    answer = Client().get(reverse("worker"))
    return answer.status_code, answer.content.decode().splitlines()


def enqueue(at: datetime, *, due: timedelta = timedelta()) -> None:
    box.enqueue([Message(id=uuid4(), key=str(uuid4()), kind="told", due_at=at + due)], at=at)


def broken(*_: object, **__: object) -> Any:
    raise OSError


def test_every_task_that_takes_turns_has_a_sentence() -> None:
    assert set(SENTENCES) == set(heartbeats.TASKS) == set(WORK)


def test_no_worker_ever_is_red(clock: Clock) -> None:
    assert health() == (503, list(SENTENCES.values()))


def test_all_done_is_green_and_red_again_when_nothing_more_is_done(clock: Clock) -> None:
    work()
    assert health() == (200, ["works"])
    clock.forward(minutes=5)
    assert health() == (200, ["works"])
    clock.forward(seconds=1)
    assert health() == (503, list(SENTENCES.values()))
    work()
    assert health() == (200, ["works"])


@pytest.mark.parametrize("task", WORK)
def test_one_task_that_is_not_done_is_red(clock: Clock, task: str) -> None:
    work()
    clock.forward(minutes=6)
    work(task)
    assert health() == (503, [SENTENCES[task]])


@pytest.mark.parametrize(
    ("task", "broken_at"),
    [
        (heartbeats.SWEEP, "notifications.tasks.sweeping.sweep"),
        (heartbeats.DELIVER, "outbox.delivery.deliver"),
        (heartbeats.SIGNED_PDFS, "compliance.signing.pdf.tasks.making.process_due_jobs"),
        (heartbeats.MINUTE_CHECKPOINT, "notifications.tasks.checkpoints.publish_minute"),
    ],
)
def test_a_task_that_fails_each_time_is_red(
    clock: Clock, task: str, broken_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(**_: object) -> int:
        raise OperationalError

    work()
    monkeypatch.setattr(broken_at, cut)
    for _ in range(6):
        clock.forward(minutes=1, seconds=10)
        with pytest.raises(OperationalError):
            WORK[task]()
        work(task)
    assert health() == (503, [SENTENCES[task]])


def test_a_mail_server_that_takes_nothing_is_red_until_it_does(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[EmailMessage]
) -> None:
    enqueue(clock())
    work()
    assert len(mailoutbox) == 1
    with monkeypatch.context() as patch:
        patch.setattr("outbox.delivery._send", broken)
        clock.forward(minutes=1)
        enqueue(clock())
        for _ in range(9):
            clock.forward(minutes=1)
            work()
            assert health() == (200, ["works"])
        clock.forward(minutes=1)
        work()
        assert health() == (503, [UNDELIVERED])
        clock.forward(hours=30)  # the attempts become few
        work()
        assert health() == (503, [UNDELIVERED])
    clock.forward(hours=5)
    work()
    assert len(mailoutbox) == 2
    assert health() == (200, ["works"])


def test_one_message_that_cannot_be_sent_is_not_red_while_others_go_out(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[EmailMessage]
) -> None:
    monkeypatch.setitem(box._RENDERERS, "bad", broken)
    box.enqueue([Message(id=uuid4(), key="bad", kind="bad", due_at=clock())], at=clock())
    clock.forward(minutes=1)
    enqueue(clock())
    work()
    clock.forward(minutes=30)
    work()
    assert Message.objects.get(key="bad").last_error == "OSError"
    assert health() == (200, ["works"])


def test_a_message_that_is_not_due_yet_is_not_red(clock: Clock) -> None:
    enqueue(clock(), due=timedelta(days=1))
    clock.forward(hours=1)
    work()
    assert health() == (200, ["works"])


def test_documents_that_nobody_tries_or_that_all_fail_are_red(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.signing.pdf.queue._seal_pdf", broken)
    PdfJob.objects.create(subject_kind="patient", subject=uuid4(), signature=1, next_attempt_at=clock())
    clock.forward(minutes=11)
    work(heartbeats.SIGNED_PDFS)
    assert UNMADE in health()[1]
    work()
    assert health() == (200, ["works"])  # once may happen
    clock.forward(minutes=2)
    work()
    assert health() == (503, [UNMADE])
    made = PdfJob.objects.create(subject_kind="patient", subject=uuid4(), signature=1, next_attempt_at=clock())
    PdfJob.objects.filter(pk=made.pk).update(done_at=clock())
    assert health() == (200, ["works"])


def test_an_hour_without_checkpoint_or_comparison_is_red(clock: Clock, clinic: ClinicFactory) -> None:
    work()
    assert health() == (503, [NO_CHECKPOINT, NOT_COMPARED])
    tasks.checkpoint()
    work()
    assert health() == (503, [NOT_COMPARED])
    tasks.check_columns()
    assert health() == (200, ["works"])
    clock.forward(hours=2, seconds=1)
    work()
    assert health() == (503, [NO_CHECKPOINT, NOT_COMPARED])


def test_two_beats_make_one_checkpoint_an_hour(clock: Clock, clinic: ClinicFactory) -> None:
    clock.set("2026-12-20T12:07-05:00")
    assert tasks.checkpoint() == 1
    clock.forward(seconds=1)
    assert tasks.checkpoint() is None
    clock.forward(minutes=59, seconds=59)
    assert tasks.checkpoint() == 2


@pytest.mark.parametrize("name", settings.CELERY_BEAT_SCHEDULE)
def test_what_beat_sends_is_left_out_once_it_sends_the_next(name: str) -> None:
    """After an hour without a worker none works off an hour's."""
    entry: Any = settings.CELERY_BEAT_SCHEDULE[name]
    every = entry["schedule"] if isinstance(entry["schedule"], float) else 3600
    assert 0 < entry["options"]["expires"] <= every


def test_what_a_sweep_leaves_over_is_not_queued_for_ever() -> None:
    """A worker of one process gets a new sweep from beat and one from the last sweep: they do not add up."""
    assert tasks.sweep.expires == 30


def test_the_figures_say_when_and_how_much(clock: Clock) -> None:
    work()
    enqueue(clock())
    assert "clearfill_worker_heartbeat_timestamp_seconds" in Client().get(reverse("metrics")).content.decode()
    for task in heartbeats.TASKS:
        last = REGISTRY.get_sample_value("clearfill_worker_heartbeat_timestamp_seconds", {"task": task})
        assert last == clock().timestamp()
    assert REGISTRY.get_sample_value("clearfill_worker_waiting", {"what": "messages"}) == 1
    assert REGISTRY.get_sample_value("clearfill_worker_standstill") == 0


def test_figures_are_told_without_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(at: datetime) -> None:
        raise OperationalError

    monkeypatch.setattr("config.health.measure", silent)
    assert "clearfill_database_timeouts_total" in Client().get(reverse("metrics")).content.decode()
    assert worker_health.LONGEST_PAUSE < worker_health.LONGEST_WAIT
