"""How many messages of each channel came to their end in some time, and to which."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from .channels import CHANNELS
from .models import Message
from .outcomes import BOUNCED, DELIVERED, FINAL, GIVEN_UP
from .states import with_state

#: What became of them: they went out and did not come back; nobody takes them; they were tried as often as anything is.
SENT, NOT_TAKEN, ABANDONED = ENDS = ("sent", "failed", "given-up")
_END: Mapping[str, str] = {DELIVERED: SENT, GIVEN_UP: ABANDONED, **dict.fromkeys((BOUNCED, *FINAL), NOT_TAKEN)}

#: The figures, by channel.
FIGURES: tuple[str, ...] = tuple(f"messages-{end}-{channel}" for channel in CHANNELS for end in ENDS)


def ended_in(rows: QuerySet[Any], since: datetime, until: datetime) -> QuerySet[Any]:
    """Those of the rows that went out or were dropped in that time; none that goes out within another."""
    rows = rows.filter(digest=None).annotate(ended_at=Coalesce("delivered_at", "dropped_at"))
    return rows.filter(ended_at__gte=since, ended_at__lt=until)


def ended(since: datetime, until: datetime) -> Counter[str]:
    """By figure, of those that went out or were dropped since then. One that goes out within another is not counted."""
    found = ended_in(with_state(Message.objects.all()), since, until).values_list("channel", "state")
    numbers: Counter[str] = Counter()
    for channel, state, number in found.annotate(number=Count("pk")).order_by():
        if state in _END:
            numbers[f"messages-{_END[state]}-{channel}"] += number
    return numbers
