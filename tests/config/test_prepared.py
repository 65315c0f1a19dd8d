"""What the tests have prepared stays so over a rollback, and not over a change of a table."""

from contextlib import suppress

import pytest
from django.db import connection, transaction

from tests.prepared import Kept

#: What no other test asks for.
STATEMENT = "SELECT %s::integer AS asked_here_alone"


class RolledBack(Exception):
    pass


def prepared() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE statement = %s", [STATEMENT % "$1"])
        return {name for (name,) in cursor.fetchall()}


def ask(times: int) -> None:
    with connection.cursor() as cursor:
        for number in range(times):
            cursor.execute(STATEMENT, [number])


@pytest.mark.django_db
def test_statement_stays_prepared_over_a_rollback_until_a_table_changes() -> None:
    with suppress(RolledBack), transaction.atomic():
        ask(2)
        raise RolledBack
    (name,) = prepared()
    ask(1)
    assert prepared() == {name}
    with suppress(RolledBack), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE held_for_a_moment () ON COMMIT DROP")
        cursor.execute("ALTER TABLE held_for_a_moment ADD number integer")
        raise RolledBack
    assert prepared() == set()
    ask(2)
    assert len(prepared()) == 1


def test_a_whole_transaction_that_is_rolled_back_leaves_it_prepared(committed: str) -> None:
    with suppress(RolledBack), transaction.atomic():
        ask(2)
        raise RolledBack
    assert len(prepared()) == 1
    assert isinstance(connection.connection._prepared, Kept)
