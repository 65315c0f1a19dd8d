"""Writes, seen at the statement: a form or button may change rows, and viewing a page may not."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from tests import amount

#: Accesses and sessions are no change; logged requests hold refusals.
TABLES = (
    "ledger_record", "ledger_erasabletext", "outbox_message", "outbox_capturedemail", "accounts_user",
    "accounts_signinglockout", "compliance_proposal",
    "patients_patient", "patients_prescriber", "patients_pharmacy", "patients_pharmacist", "patients_designee",
    "patients_guardian", "patients_delegate", "patients_invitation", "patients_heldenrolment",
    "compliance_authorization", "compliance_draft", "compliance_signedpdf", "compliance_pdfjob", "mfa_authenticator",
    "accounts_surveyoffer", "compliance_surveysum",
)  # fmt: skip

_WRITES = re.compile(r'\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE|COPY)\s+(?:ONLY\s+)?"?(\w+)', re.I)
_SAVEPOINT = re.compile(r'(SAVEPOINT|ROLLBACK TO SAVEPOINT) "?(\w+)', re.I)


class Writes:
    """The tables that statements wrote rows to, in their order; not those of a savepoint that was rolled back."""

    def __init__(self) -> None:
        self.tables: list[str] = []
        self._savepoints: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self.tables)

    def taken(self) -> list[str]:
        """What was written since it was last asked."""
        found, self.tables, self._savepoints = self.tables, [], {}
        return found

    def __call__(
        self, execute: Callable[..., Any], statement: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """Django's wrapper around each statement."""
        result, text = execute(statement, params, many, context), str(statement)
        if point := _SAVEPOINT.match(text):
            how, name = point.groups()
            if how.upper() == "SAVEPOINT":
                self._savepoints[name] = len(self.tables)
            else:
                del self.tables[self._savepoints.get(name, 0) :]
        # An UPDATE that meets no row writes none. What a WITH wrote is not told by the rows that it gives.
        elif context["cursor"].rowcount != 0 or text.lstrip().upper().startswith("WITH"):
            self.tables += [table for table in _WRITES.findall(text) if table in TABLES]
        return result


@contextmanager
def watched() -> Iterator[Writes]:
    """What statements write within it. In a run of everything the sums of all tables say that none was missed."""
    before = sums() if amount.EVERYTHING else None
    writes = Writes()
    with connection.execute_wrapper(writes):
        yield writes
    if before is not None and not writes:
        assert sums() == before, "a table has changed, and no statement was seen"


_SUM = "SELECT %s, count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {} AS t"


def sums() -> dict[str, tuple[int, int]]:
    """How many rows each table has, and a sum over all that stands in them. One query, and a slow one."""
    query = " UNION ALL ".join(_SUM.format(table) for table in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(query, list(TABLES))
        return {table: (count, int(total)) for table, count, total in cursor.fetchall()}


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
