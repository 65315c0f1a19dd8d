"""The worker is silent: each officer hears of it once, from a process beside it, and the office's page says it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.test import Client

import outbox
from accounts.models import User
from notifications import silence
from outbox import RenderedMessage, box, heartbeats
from outbox.models import Message
from tests import factories
from tests.clocks import Clock

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def officers() -> list[User]:
    """Two who opened their accounts; another was closed."""
    closed = factories.officer()
    User.objects.filter(pk=closed.pk).update(is_active=False)
    return [factories.officer(), factories.officer()]


def beats(at: datetime, *but: str) -> None:
    for task in heartbeats.TASKS:
        if task not in but:
            heartbeats.beat(task, at=at)


def told(letters: list[EmailMessage]) -> list[str]:
    return sorted(to for letter in letters for to in letter.to)


def ask() -> int:
    """The exit code of the timer's command."""
    try:
        call_command("worker_health", "--mail")
    except SystemExit as code:
        return int(str(code))
    return 0


def test_each_officer_is_told_once_of_a_silence_without_the_worker(
    officers: list[User], clock: Clock, mailoutbox: list[EmailMessage]
) -> None:
    beats(clock.at)
    clock.at += 4 * MINUTE
    assert ask() == 0
    assert mailoutbox == []
    clock.at += 2 * MINUTE
    for _ in range(3):
        assert ask() == 1
        clock.at += MINUTE
    assert told(mailoutbox) == sorted(one.email for one in officers)
    assert "reminder" in str(mailoutbox[0].subject)


def test_another_silence_is_told_anew(officers: list[User], clock: Clock, mailoutbox: list[EmailMessage]) -> None:
    for _ in range(2):
        beats(clock.at)
        assert ask() == 0
        clock.at += 6 * MINUTE
        assert ask() == 1
    assert len(mailoutbox) == 2 * len(officers)


@pytest.mark.parametrize("task", heartbeats.TASKS)
def test_one_task_that_stands_still_is_a_silence(
    officers: list[User], clock: Clock, mailoutbox: list[EmailMessage], task: str
) -> None:
    beats(clock.at)
    for _ in range(10):
        clock.at += MINUTE
        beats(clock.at, task)
        ask()
    assert len(mailoutbox) == len(officers)


def test_worker_that_never_worked_is_told_once(
    officers: list[User], clock: Clock, mailoutbox: list[EmailMessage]
) -> None:
    assert [ask(), ask()] == [1, 1]
    assert len(mailoutbox) == len(officers)


def test_nothing_else_is_sent_by_it(
    officers: list[User], clock: Clock, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(box._RENDERERS, "told", lambda *_: RenderedMessage("ana@example.org", "Subject", "Body"))
    outbox.enqueue([Message(id=uuid4(), key=str(uuid4()), kind="told", due_at=clock.at)], at=clock.at)
    ask()
    assert "ana@example.org" not in told(mailoutbox)
    assert Message.objects.get(kind="told").attempts == 0


def test_what_was_not_sent_is_dropped_once_the_worker_works(
    officers: list[User], clock: Clock, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> Any:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr("outbox.delivery._send", down)
        assert ask() == 1
    assert Message.objects.filter(kind=silence.KIND, delivered_at=None, dropped_at=None).count() == len(officers)
    clock.at += 2 * MINUTE
    beats(clock.at)
    outbox.deliver(at=clock.at)
    assert mailoutbox == []
    assert not Message.objects.filter(kind=silence.KIND, dropped_at=None).exists()


def test_what_was_not_sent_is_sent_once_the_mail_server_is_back(
    officers: list[User], clock: Clock, mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> Any:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr("outbox.delivery._send", down)
        ask()
    assert mailoutbox == []
    clock.at += 2 * MINUTE
    ask()
    assert told(mailoutbox) == sorted(one.email for one in officers)


def test_without_mail_it_only_asks(officers: list[User], clock: Clock, mailoutbox: list[EmailMessage]) -> None:
    with pytest.raises(SystemExit):
        call_command("worker_health")
    assert not Message.objects.exists()


WORKS: dict[str, tuple[Callable[[datetime], None], bool]] = {
    "it works": (beats, False),
    "it is silent": (lambda at: beats(at - 6 * MINUTE), True),
}


@pytest.mark.parametrize("case", WORKS)
def test_page_of_the_office_says_it_at_once(officers: list[User], clock: Clock, case: str) -> None:
    work, says = WORKS[case]
    work(clock.at)
    client: Client = factories.as_(officers[0])
    assert ("Nothing is done in the background" in client.get("/office/").content.decode()) is says
