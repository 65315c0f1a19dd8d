"""Idempotency under concurrency: the same request twice at once has one effect and one answer, and no fault."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from compliance.commands import certifying, invitations
from compliance.commands.entries import EntryRefused
from tests import amount, databases
from tests.compliance.keyed import REQUESTS, Send
from tests.compliance.races import Runners
from tests.compliance.row_counts import CommittedRows
from tests.databases import owner_connection
from tests.histories import ClinicFactory


@pytest.fixture
def clinic(committed: str) -> ClinicFactory:
    return ClinicFactory()


@pytest.fixture(scope="module")
def runners() -> Iterator[Runners]:
    """For all tests here: a connection that is there already costs its server nothing anew."""
    threads = Runners(4)
    yield threads
    threads.close()


# --- at once --------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def rows(django_db_setup: None) -> Iterator[CommittedRows]:
    with owner_connection(databases.name()) as server:
        yield CommittedRows(server)


def answer(send: Send, key: UUID) -> tuple[str, Any]:
    """What comes of it: an answer, or one of the refusals that an action says it makes. A fault is neither."""
    try:
        return "answered", send(key)
    except (EntryRefused, certifying.WrongState, invitations.NotAccepted) as refused:
        return "refused", (type(refused), str(refused))


@pytest.mark.parametrize("make", REQUESTS, ids=lambda make: make.__name__)
def test_the_same_request_twice_at_once(
    clinic: ClinicFactory, runners: Runners, rows: CommittedRows, make: Callable[[ClinicFactory], Send]
) -> None:
    """As many rows as of one that is sent alone: where the second waits until the first is committed, and, by turns of
    the commands, where either may come first; and a third, later, is answered alike."""
    alone, before = make(clinic), rows.count()
    answer(alone, uuid4())
    of_one = rows.grown(before)
    send, key = make(clinic), uuid4()
    before = rows.count()
    first: list[Any] = []
    with runners.overtaken(lambda: first.append(answer(send, key)), partial(answer, send, key)) as waits:
        assert not waits.done(), "it waits for the first"
    assert waits.result() == first[0]
    assert answer(send, key) == first[0]
    assert rows.grown(before) == of_one
    for _ in range(amount.share(5, REQUESTS.index(make) % 2)):
        send, key = make(clinic), uuid4()
        before = rows.count()
        one, other = runners.together([partial(answer, send, key)] * 2)
        assert one == other
        assert rows.grown(before) == of_one
        assert answer(send, key) == one
        assert rows.grown(before) == of_one
