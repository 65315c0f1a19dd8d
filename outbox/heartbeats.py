"""Heartbeats: when each of the worker's regular tasks was last done to its end.

A worker that answers a ping may still fail at everything it does. A heartbeat is written by the work itself, after it.
"""

from datetime import datetime

from django.db import connection

#: The tasks of each minute without which something is late, whose turns leave a heartbeat; the others; and when an
#: e-mail last went out.
SWEEP, DELIVER, SIGNED_PDFS, MINUTE_CHECKPOINT = TASKS = ("sweep", "deliver", "signed-pdfs", "minute-checkpoint")
COLUMN_CHECK, CHECKPOINT, RATE_LIMITS, FIGURES, WHAT_IF = (
    "column-check", "checkpoint", "rate-limits", "figures", "what-if",
)  # fmt: skip
DELIVERED = "delivered"

_BEAT = """
INSERT INTO outbox_heartbeat (task, at) VALUES (%s, %s)
ON CONFLICT (task) DO UPDATE SET at = greatest(outbox_heartbeat.at, excluded.at)
"""


def beat(task: str, *, at: datetime) -> None:
    """Note that the task was done at `at`."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [task, at])


def last() -> dict[str, datetime]:
    """When each was last done; one that never was is missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task, at FROM outbox_heartbeat")
        return dict(cursor.fetchall())
