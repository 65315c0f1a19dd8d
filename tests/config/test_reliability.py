"""What falls over, on real workers: whatever it is, every message that was due goes out, and goes out once.

The table of all faults, with the test of each: `docs/reliability.md`.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from outbox import RenderedMessage, heartbeats, sealed
from tests import amount, databases
from tests.config.processes import START
from tests.config.proxy import Proxy, hang_up
from tests.config.worker import Worker, queue_number, running
from tests.smtp import MailServer

_SOCKET = Path(os.environ["CLEARFILL_FOLDER"]) / "pg" / ".s.PGSQL.5432"
_REDIS = Path(os.environ["CLEARFILL_FOLDER"]) / "redis" / "sock"

#: A letter with its words, which needs no renderer.
A_LETTER = """
INSERT INTO outbox_message (id, key, kind, data, enqueued_at, due_at, next_attempt_at, attempts, last_error)
VALUES (%s, %s, 'sealed', %s, now(), now(), now(), 0, '')
"""
#: Its pause is over, whatever it is.
AGAIN = "UPDATE outbox_message SET next_attempt_at = now() WHERE delivered_at IS NULL AND dropped_at IS NULL"


@pytest.fixture(scope="module")
def database(django_db_setup: None) -> Iterator[str]:
    name = f"{databases.name()}_falls"
    databases.copy(name)
    yield name
    databases.drop(name)


@dataclass(slots=True)
class Team:
    """Workers that go from test to test: one starts for as long as the test of a fault takes. They send by one server.

    Each has its queue by a proxy, which can be cut off or hang.
    """

    database: str
    folder: Path
    stack: ExitStack
    server: MailServer = field(default_factory=MailServer)
    queue: Proxy = field(default_factory=lambda: Proxy(_REDIS))
    alive: list[Worker] = field(default_factory=list)

    def working(self, number: int) -> list[Worker]:
        """So many workers, which run; no more run beside them."""
        while len(self.alive) > number:
            self.kill(self.alive[-1])
        while len(self.alive) < number:
            folder = self.folder / str(uuid4())
            folder.mkdir()
            queue = f"redis://127.0.0.1:{self.queue.port}/{queue_number()}"
            more = {"EMAIL_URL": f"smtp://127.0.0.1:{self.server.port}", "REDIS_URL": queue}
            self.alive.append(self.stack.enter_context(running(self.database, _SOCKET, folder, more)))
        return list(self.alive)

    def kill(self, worker: Worker) -> None:
        """It is gone at once, in whatever it is."""
        worker.kill()
        self.alive.remove(worker)


@pytest.fixture(scope="module")
def whole_team(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    with ExitStack() as stack:
        team = Team(database, tmp_path_factory.mktemp("workers"), stack)
        yield team
        team.server.holds.clear()
    team.server.close()
    team.queue.close()


@pytest.fixture
def team(whole_team: Team) -> Team:
    """As if nothing had been sent before."""
    with databases.owner_connection(whole_team.database) as owner:
        owner.execute("DELETE FROM outbox_message")
    server = whole_team.server
    for seen in (server.taken, server.received, server.letters):
        seen.clear()
    server.holding.clear()
    return whole_team


def letters(worker: Worker, *names: str) -> list[str]:
    """Lay a letter for each; their numbers."""
    numbers = [str(uuid4()) for _ in names]
    with worker.server() as owner:
        for number, name in zip(numbers, names, strict=True):
            words = sealed._seal(asdict(RenderedMessage(f"{name}@example.org", "Subject", "Body")))
            owner.execute(A_LETTER, [number, number, json.dumps({"sealed": words})])
    return numbers


def wait_for(what: Callable[[], object], worker: Worker, seconds: float = START) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, worker.written.read_text()[-3000:]
        time.sleep(0.05)


def undelivered(worker: Worker) -> int:
    with worker.server() as owner:
        (row,) = owner.execute("SELECT count(*) FROM outbox_message WHERE outcome <> 'delivered'").fetchall()
    return int(row[0])


def all_are_delivered(worker: Worker) -> None:
    with worker.server() as owner:
        owner.execute(AGAIN)
    worker.ask(heartbeats.DELIVER)
    wait_for(lambda: undelivered(worker) == 0, worker)


def ids(server: MailServer) -> list[str]:
    return [str(letter["Message-ID"]).strip("<>").partition("@")[0] for letter in server.received]


def test_a_worker_killed_between_claim_and_send_loses_nothing_and_sends_nothing_twice(
    team: Team,
) -> None:
    server, (first,) = team.server, team.working(1)
    numbers = letters(first, "ana", "bo", "cleo")
    server.holds.set()
    first.ask(heartbeats.DELIVER)
    wait_for(server.holding.is_set, first)
    team.kill(first)
    server.holds.clear()
    assert undelivered(first) == 3
    all_are_delivered(*team.working(1))
    assert sorted(ids(server)) == sorted(numbers)


def test_a_worker_killed_between_send_and_mark_sends_the_same_email_again(team: Team) -> None:
    """The one case in which an e-mail goes out twice: both have one Message-ID. The others go out once."""
    server, (first,) = team.server, team.working(1)
    numbers = letters(first, "ana", "bo")

    def no_database() -> None:
        first.postgres.hung.set()
        server.before_taken = lambda: None

    server.before_taken = no_database
    first.ask(heartbeats.DELIVER)
    wait_for(lambda: len(server.taken) == 1, first)
    team.kill(first)
    first.postgres.hung.clear()
    assert undelivered(first) == 2
    all_are_delivered(*team.working(1))
    assert set(ids(server)) == set(numbers)
    assert sorted(map(ids(server).count, numbers)) == [1, 2]


def test_a_task_that_is_delivered_many_times_sends_each_letter_once(team: Team) -> None:
    """To two workers at the same time."""
    workers = team.working(2)
    numbers = letters(workers[0], *(f"reader{place}" for place in range(40)))
    workers[0].ask(*[heartbeats.DELIVER] * 20)
    wait_for(lambda: undelivered(workers[0]) == 0, workers[0])
    workers[0].wait_until_idle()
    assert sorted(ids(team.server)) == sorted(numbers)


def empty(queue: Proxy) -> None:
    """It was restarted, and has forgotten everything."""
    cut(queue)
    redis.Redis(unix_socket_path=str(_REDIS), db=queue_number()).flushdb()


def cut(queue: Proxy) -> None:
    for end in list(queue.open):
        hang_up(end)
        queue.open.remove(end)


def hang(queue: Proxy) -> None:
    queue.hung.set()
    time.sleep(60)
    queue.hung.clear()


#: What becomes of the queue under a worker.
QUEUE: dict[str, Callable[[Proxy], None]] = {"cut off": cut, "back empty": empty, "hung": hang}
#: A hung one is found out by its silence, which takes most of a minute.
WAYS = [way for way in QUEUE if way != "hung" or amount.EVERYTHING]


@pytest.mark.parametrize("way", WAYS)
def test_a_worker_goes_on_whatever_becomes_of_the_queue(team: Team, way: str) -> None:
    """A message that was laid meanwhile goes out with the next task of beat's."""
    (worker,) = team.working(1)
    letters(worker, "before")
    all_are_delivered(worker)
    letters(worker, "meanwhile")
    QUEUE[way](team.queue)
    # As beat asks: again and again.
    until = time.monotonic() + 2 * START
    while undelivered(worker):
        assert time.monotonic() < until, worker.written.read_text()[-3000:]
        worker.ask(heartbeats.DELIVER)
        time.sleep(0.5)
    assert sorted(team.server.taken) == ["before@example.org", "meanwhile@example.org"]
