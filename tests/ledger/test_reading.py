"""Reading logs: of however many subjects, in one statement, which is planned once where they are few."""

from uuid import UUID, uuid4

import pytest
from django.db import connection

from ledger import log
from ledger.actor import SYSTEM
from ledger.log import EMPTY, NewRecord
from tests.histories import NOW

pytestmark = pytest.mark.django_db

#: As many as a decision reads, the most that have a text of their own, and more.
COUNTS = [1, 3, log._FEW, log._FEW + 1, 40]


def logs_of(count: int) -> list[UUID]:
    """So many subjects, each with a log of two records."""
    subjects = [uuid4() for _ in range(count)]
    for subject in subjects:
        drafts = [NewRecord(kind=kind, data={"for": str(subject)}) for kind in ("first", "second")]
        log.append("patient", subject, drafts, head=EMPTY, by=SYSTEM, at=NOW, request_id=uuid4())
    return subjects


@pytest.mark.parametrize("count", COUNTS)
def test_rows_come_by_subject_and_number_and_nobody_elses(count: int) -> None:
    subjects, others = logs_of(count), logs_of(2)
    rows = log.read(*subjects)
    expected = [(one, number, kind) for one in sorted(subjects) for number, kind in ((1, "first"), (2, "second"))]
    assert [(row.subject, row.number, row.kind) for row in rows] == expected
    assert all(row.data == {"for": str(row.subject)} and row.at == NOW for row in rows)
    assert not set(others) & {row.subject for row in rows}


def test_nobodys_log_is_empty() -> None:
    logs_of(1)
    assert log.read() == []
    assert log.read(uuid4()) == []


def test_each_has_a_log_of_its_own_and_who_has_none_an_empty_one() -> None:
    one, other = logs_of(2)
    logs = log.by_subject(log.read(one, other))
    assert {subject: [row.number for row in rows] for subject, rows in logs.items()} == {one: [1, 2], other: [1, 2]}
    assert logs[uuid4()] == []


@pytest.mark.parametrize("count", COUNTS[:3])
def test_few_are_planned_once(count: int) -> None:
    """As in an installation, where PostgreSQL weighs a plan for any values against one for these."""
    logs_of(30)
    subjects = logs_of(count)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = auto")
        cursor.execute("DISCARD PLANS")
        before = _planned(count)
        for _ in range(30):
            log.read(*subjects)
        anew, once = (after - earlier for after, earlier in zip(_planned(count), before, strict=True))
    assert (anew <= 5, once >= 15) == (True, True), (anew, once)


def _planned(count: int) -> tuple[int, int]:
    """How often the statement for so many subjects was planned anew on this connection, and how often it was not."""
    places = ", ".join(f"${place}" for place in range(1, count + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(custom_plans), 0), coalesce(sum(generic_plans), 0) FROM pg_prepared_statements "
            "WHERE statement LIKE '%% FROM ledger_record WHERE subject %%' AND statement LIKE %s",
            [f"%({places})%"],
        )
        anew, once = cursor.fetchone()
    return int(anew), int(once)
