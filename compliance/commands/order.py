"""The order between two logs: what ends or begins for many is dated after all that was decided before it.

Whoever decides shares the lock on the rows of prescriber, pharmacy and account (`decide.RowLock`). Who writes to their
logs has waited for them, and is dated after the latest of them, although its own clock may lie behind theirs.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

#: Answers and entries that went by the prescriber's log: of their patients, of those who were theirs, and their own.
_OF_PRESCRIBER = """
SELECT max(at) FROM ledger_loggedrequest r WHERE at >= %(at)s AND (
    (action = 'authorize' AND (
        subject IN (SELECT id FROM patients_patient WHERE prescriber_id = %(subject)s)
        OR subject IN (SELECT subject FROM ledger_record WHERE subject_kind = 'patient' AND kind = 'transferred'
            AND at >= %(at)s)))
    OR (actor = (SELECT user_id FROM patients_prescriber WHERE id = %(subject)s)
        AND subject IN (SELECT id FROM patients_patient)))
"""

#: Answers that the pharmacy got.
_OF_PHARMACY = """
SELECT max(at) FROM ledger_loggedrequest r WHERE at >= %(at)s AND action = 'authorize' AND (
    actor IN (SELECT user_id FROM patients_pharmacist WHERE pharmacy_id = %(subject)s)
    OR EXISTS (SELECT FROM compliance_authorization a
        WHERE a.patient_id = r.subject AND a.pharmacy_id = %(subject)s AND a.issued_at = r.at))
"""

#: All that an account asked for.
_OF_ACCOUNT = "SELECT max(at) FROM ledger_loggedrequest WHERE at >= %(at)s AND actor = %(subject)s"

_LATEST: Mapping[str, str] = {"prescriber": _OF_PRESCRIBER, "pharmacy": _OF_PHARMACY, "account": _OF_ACCOUNT}


def latest(kind: str, subject: UUID, at: datetime) -> datetime | None:
    """The latest request from `at` on that went by this log; None where there is none. Under the lock on its row."""
    values: dict[str, Any] = {"subject": subject, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_LATEST[kind], values)
        result: datetime | None = cursor.fetchone()[0]
    return result
