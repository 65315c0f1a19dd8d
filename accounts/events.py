"""What happens to an account stands in the account's own log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from ledger import log
from ledger.actor import Actor
from ledger.log import Draft


def note(account: UUID, kind: str, *, by: Actor, at: datetime, data: Mapping[str, Any] | None = None) -> None:
    """Write an event to the account's log, under the account's lock."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_user WHERE id = %s FOR UPDATE", [account])
        head = log.head_of(log.read(account))
        now = max(at, head.at) if head.at else at
        log.append("account", account, [Draft(kind, data or {})], head=head, by=by, at=now, request_id=uuid4())
