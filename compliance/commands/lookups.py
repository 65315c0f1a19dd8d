"""Wrong look-ups at the counter: they are counted per pharmacist, and many of them pause the pharmacist's look-ups.

A right look-up costs no query: the pause is a column of the account, and counting begins with a miss. The counts come
from the logged requests (`ledger/request_log.py`), which nobody can change.
"""

from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from prometheus_client import Counter

import outbox
from accounts.events import note
from accounts.models import User
from accounts.roles import OFFICER
from ledger.actor import Actor
from outbox.models import Message

#: Wrong look-ups within SPAN after which a person's are paused: of one number, and of any.
MAX_OF_ONE_NUMBER, MAX_OF_ANY_NUMBER = 5, 15
SPAN = timedelta(minutes=15)
PAUSE = timedelta(minutes=5)

#: Wrong look-ups of one number within SPAN, by whomever, after which the program office is told.
MAX_BY_EVERYBODY = 10

MISSES = Counter("clearfill_lookup_misses_total", "Look-ups at the counter that found nobody")
ATTACKS = Counter("clearfill_lookup_attacks_total", "Numbers that were looked up wrongly many times in a short while")

_log = structlog.get_logger("security")


def number_digest(number: str) -> str:
    """The keyed hash by which a number is found again among the logged requests. It names nobody."""
    return salted_hmac("counter.lookup", number, algorithm="sha256").hexdigest()[:32]


_COUNT_MISSES = """
SELECT count(*) FILTER (WHERE actor = %(actor)s AND answer->>'lookup' = %(digest)s),
       count(*) FILTER (WHERE actor = %(actor)s),
       count(*) FILTER (WHERE answer->>'lookup' = %(digest)s)
FROM ledger_loggedrequest WHERE at > %(since)s AND subject IS NULL AND action = 'authorize'
"""


def missed(*, number: str, by: Actor, at: datetime, rate_limited: bool = False) -> datetime | None:
    """Count a look-up that found nobody; until when the person's look-ups are paused for it, if they are.

    `rate_limited`: too many came from this network address lately, so that one is enough.
    """
    MISSES.inc()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_MISSES, {"actor": by.account, "digest": number_digest(number), "since": at - SPAN})
        of_number_by_account, of_any_number, by_everybody = cursor.fetchone()
    if by_everybody >= MAX_BY_EVERYBODY:
        _tell(number_digest(number), at)
    if of_number_by_account < MAX_OF_ONE_NUMBER and of_any_number < MAX_OF_ANY_NUMBER and not rate_limited:
        return None
    until = at + PAUSE
    User.objects.filter(pk=by.account).update(lookups_paused_until=until)
    note(by.account, "lookups_paused", by=by, at=at, data={"until": until.isoformat()})
    _log.warning("lookups_paused", account=str(by.account), role=by.role)
    return until


def _tell(known_as: str, at: datetime) -> None:
    """Tell each officer once an hour: of look-ups at the same moment none may see the very one that is the tenth."""
    officers = User.objects.filter(opened_as=OFFICER, is_active=True).order_by("pk").values_list("pk", flat=True)
    messages = [
        Message(
            key=f"lookup-attack:{known_as}:{at:%Y-%m-%dT%H}:{officer}", kind="lookup-attack", subject=None,
            data={"officer": str(officer)}, due_at=at,
        )
        for officer in officers
    ]  # fmt: skip
    with transaction.atomic():
        enqueued = outbox.enqueue(messages, at=at)
    if enqueued:
        ATTACKS.inc()
        _log.warning("lookup_attack", number=known_as)
