"""The access log: who has viewed whose record, one row an access, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from .actor import Actor

_INSERT = """
INSERT INTO ledger_accessevent (at, actor, role, acting_for, subject, what, why)
SELECT %s, %s, %s, %s, subject, %s, %s FROM unnest(%s::uuid[]) AS subject
"""


def add(subject: UUID, *, by: Actor, what: str, why: str, at: datetime) -> None:
    """Add that `by` viewed `what` of that subject, and why they may."""
    add_all([subject], by=by, what=what, why=why, at=at)


def add_all(subjects: Sequence[UUID], *, by: Actor, what: str, why: str, at: datetime) -> None:
    """The same for several subjects on one page. One statement; none where there is nobody."""
    if not subjects:
        return
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, by.account, by.role, by.acting_for, what, why, list(subjects)])


@dataclass(frozen=True, slots=True)
class DailyAccess:
    """One account's accesses on one day: what was viewed, how often, and when last."""

    actor: UUID
    role: str
    #: The practice for which a designee viewed it; None for everybody else.
    acting_for: UUID | None
    what: tuple[str, ...]
    why: tuple[str, ...]
    first: datetime
    last: datetime
    times: int


_SELECT_BY_DAY = """
SELECT actor, role, practice, array_agg(DISTINCT what), array_agg(DISTINCT why), min(at), max(at), count(*) FROM (
    SELECT actor, role, CASE WHEN role = 'designee' THEN acting_for END AS practice, what, why, at
    FROM ledger_accessevent WHERE subject = %(subject)s AND actor <> %(reader)s
    UNION ALL
    SELECT actor, 'pharmacist', NULL, 'counter', 'asked', at FROM ledger_loggedrequest
    WHERE subject = %(subject)s AND action IN ('authorize', 'dispense', 'reverse')
) AS accesses GROUP BY actor, role, practice, (at AT TIME ZONE %(zone)s)::date
ORDER BY min(at) DESC, actor, role, practice
"""


def accesses_by_day(subject: UUID, *, reader: UUID, zone: str) -> list[DailyAccess]:
    """Accesses to this subject's record but those of `reader`: one a person and day, newest first. One query.

    What somebody views later on the same day moves nothing: the day's first access says where it stands.

    A pharmacy's question at the counter is an access as well; it is a logged request (`request_log`).
    """
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_BY_DAY, {"subject": subject, "reader": reader, "zone": zone})
        return [
            DailyAccess(actor, role, practice, tuple(what), tuple(why), first, last, times)
            for actor, role, practice, what, why, first, last, times in cursor.fetchall()
        ]
