"""Notifying the worker: at once where it was not told a moment ago, else once more at the end of that moment."""

import pytest
from kombu.exceptions import OperationalError

import outbox
from outbox import box, tasks


class Queue:
    """A queue that notes after how many seconds each notification is to be carried out."""

    def __init__(self) -> None:
        self.is_down = False
        self.waits: list[float] = []

    def take(self, *, countdown: float) -> None:
        if self.is_down:
            raise OperationalError
        self.waits.append(countdown)


class Seconds:
    """The process's counter of seconds, which stands still until it is set."""

    def __init__(self) -> None:
        self.now = 5000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    seconds = Seconds()
    monkeypatch.setattr(box, "time", seconds)
    monkeypatch.setattr(box, "_comes_at", float("-inf"))
    return seconds


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    queue = Queue()
    monkeypatch.setattr(tasks.deliver, "apply_async", queue.take)
    return queue


#: When something is enqueued, in seconds, and when the worker is told to come.
TOLD: dict[str, tuple[list[float], list[float]]] = {
    "one": ([0], [0]),
    "two, far apart": ([0, 7], [0, 7]),
    "two, just far enough apart": ([0, 1], [0, 1]),
    "two at once: the second round finds what the first may have missed": ([0, 0], [0, 1]),
    "the second a little later": ([0, 0.3], [0, 1]),
    "many at once": ([0, 0, 0.1, 0.2, 0.9], [0, 1]),
    "many, without end": ([0, 0.5, 1, 1.5, 2, 2.5, 3], [0, 1, 2, 3, 4]),
    "one after the second round": ([0, 0.5, 1.25], [0, 1, 2]),
    "one long after the second round": ([0, 0.5, 9], [0, 1, 9]),
}


@pytest.mark.parametrize("name", TOLD)
def test_worker_is_told_to_come(name: str, seconds: Seconds, queue: Queue) -> None:
    enqueued, told = TOLD[name]
    comes = []
    for at in enqueued:
        seconds.now = 5000 + at
        before = len(queue.waits)
        outbox.notify_worker()
        comes += [at + wait for wait in queue.waits[before:]]
        assert comes[-1] >= at, "nobody comes for what was enqueued last"
    assert comes == pytest.approx(told)


def test_the_next_is_told_at_once_where_the_queue_was_down(seconds: Seconds, queue: Queue) -> None:
    failed = box.NOTIFY_FAILED._value.get()
    queue.is_down = True
    outbox.notify_worker()
    queue.is_down = False
    outbox.notify_worker()
    assert queue.waits == [0]
    assert box.NOTIFY_FAILED._value.get() == failed + 1


def test_the_second_round_is_asked_for_again_where_the_queue_was_down(seconds: Seconds, queue: Queue) -> None:
    outbox.notify_worker()
    queue.is_down = True
    outbox.notify_worker()
    queue.is_down = False
    seconds.now += 0.25
    outbox.notify_worker()
    assert queue.waits == [0, 0.75]
