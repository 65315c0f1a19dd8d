"""Idempotency under concurrency: the same request twice at once has one effect and one answer, and no fault."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from compliance.commands import certifying, invitations
from compliance.commands.entries import EntryRefused
from tests.compliance.keyed import REQUESTS, Send
from tests.compliance.races import Runners
from tests.histories import ClinicFactory


@pytest.fixture
def clinic(committed: str) -> ClinicFactory:
    return ClinicFactory()


@pytest.fixture
def runners(committed: str) -> Iterator[Runners]:
    threads = Runners(4)
    yield threads
    threads.close()


# --- at once --------------------------------------------------------------------------------------
def tables() -> dict[str, int]:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        counts = {}
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {name}")
            counts[name] = cursor.fetchone()[0]
        return counts


def grown(before: dict[str, int]) -> dict[str, int]:
    """How many rows each table has more."""
    return {name: count - before[name] for name, count in tables().items() if count != before[name]}


def answer(send: Send, key: UUID) -> tuple[str, Any]:
    """What comes of it: an answer, or one of the refusals that an action says it makes. A fault is neither."""
    try:
        return "answered", send(key)
    except (EntryRefused, certifying.WrongState, invitations.NotAccepted) as refused:
        return "refused", (type(refused), str(refused))


@pytest.mark.parametrize("make", REQUESTS, ids=lambda make: make.__name__)
def test_the_same_request_twice_at_once(
    clinic: ClinicFactory, runners: Runners, make: Callable[[ClinicFactory], Send]
) -> None:
    """As many rows as of one that is sent alone; and a third, later, is answered alike."""
    alone, before = make(clinic), tables()
    answer(alone, uuid4())
    of_one = grown(before)
    for _ in range(5):
        send, key = make(clinic), uuid4()
        before = tables()
        first, second = runners.together([partial(answer, send, key)] * 2)
        assert first == second
        assert grown(before) == of_one
        assert answer(send, key) == first
        assert grown(before) == of_one


@pytest.mark.parametrize("make", REQUESTS, ids=lambda make: make.__name__)
def test_the_second_comes_while_the_first_is_not_yet_committed(
    clinic: ClinicFactory, runners: Runners, make: Callable[[ClinicFactory], Send]
) -> None:
    alone, before = make(clinic), tables()
    answer(alone, uuid4())
    of_one = grown(before)
    send, key = make(clinic), uuid4()
    before = tables()
    first: list[Any] = []
    with runners.overtaken(lambda: first.append(answer(send, key)), partial(answer, send, key)) as second:
        assert not second.done(), "it waits for the first"
    assert second.result() == first[0]
    assert grown(before) == of_one
