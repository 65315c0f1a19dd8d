"""How many messages of each channel came to their end in some time, and to which."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from .channels import CHANNELS
from .outcomes import BOUNCED, DELIVERED, FINAL, GIVEN_UP

#: What became of them: they went out and did not come back; nobody takes them; they were tried as often as anything is.
SENT, NOT_TAKEN, ABANDONED = ENDS = ("sent", "failed", "given-up")
_END: Mapping[str, str] = {DELIVERED: SENT, GIVEN_UP: ABANDONED, **dict.fromkeys((BOUNCED, *FINAL), NOT_TAKEN)}

#: The figures, by channel.
FIGURES: tuple[str, ...] = tuple(f"messages-{end}-{channel}" for channel in CHANNELS for end in ENDS)


def ended_in(rows: QuerySet[Any], since: datetime, until: datetime) -> QuerySet[Any]:
    """Those of the rows that went out or were dropped in that time; none that goes out within another."""
    rows = rows.filter(digest=None).annotate(ended_at=Coalesce("delivered_at", "dropped_at"))
    return rows.filter(ended_at__gte=since, ended_at__lt=until)


#: As `ended_in` and `outbox.states` say it. Figures ask it for each day, a year of them where they are counted anew:
#: it is written out, as to build it takes ten times as long as to ask.
_ENDED = """
SELECT channel, CASE WHEN outcome = '' AND delivered_at IS NOT NULL THEN %(delivered)s ELSE outcome END, count(*)
FROM outbox_message
WHERE digest_id IS NULL
    AND coalesce(delivered_at, dropped_at) >= %(since)s AND coalesce(delivered_at, dropped_at) < %(until)s
GROUP BY 1, 2
"""


def ended(since: datetime, until: datetime) -> Counter[str]:
    """By figure, of those that went out or were dropped since then. One that goes out within another is not counted."""
    numbers: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, {"delivered": DELIVERED, "since": since, "until": until})
        for channel, state, number in cursor.fetchall():
            if state in _END:
                numbers[f"messages-{_END[state]}-{channel}"] += number
    return numbers
