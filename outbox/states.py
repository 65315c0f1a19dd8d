"""The state of a message: its outcome, or how far it has come. For lists, which filter by it."""

from django.db.models import Case, F, Q, QuerySet, Value, When

from .models import Message
from .outcomes import BOUNCED, DELIVERED, FAILED, FINAL, NOT_WANTED, OUTCOMES, UNDELIVERED

WAITING = "waiting"
STATES = (WAITING, FAILED, *OUTCOMES)
#: Any of those in which nobody took it.
NOT_ARRIVED = "not-arrived"


def with_state(rows: QuerySet[Message]) -> QuerySet[Message]:
    """The rows, each with its `state`: one of `STATES`."""
    state = Case(
        When(~Q(outcome=""), then=F("outcome")),
        When(~Q(delivered_at=None), then=Value(DELIVERED)),
        When(~Q(dropped_at=None), then=Value(NOT_WANTED)),
        When(~Q(last_error=""), then=Value(FAILED)),
        default=Value(WAITING),
    )
    return rows.annotate(state=state)


def in_state(rows: QuerySet[Message], state: str) -> QuerySet[Message]:
    """Those of the rows, which have their `state`, that are in this one or in any of `NOT_ARRIVED`."""
    if state == NOT_ARRIVED:
        return rows.filter(outcome__in=(BOUNCED, *FINAL))
    if state == DELIVERED:
        # As `with_state` says it, but so that PostgreSQL can tell how many they are: nearly all.
        return rows.filter(Q(outcome=DELIVERED) | Q(outcome="", delivered_at__isnull=False))
    # The column has an index of these.
    named = {"outcome": state} if state in UNDELIVERED else {"state": state}
    return rows.filter(**named)
