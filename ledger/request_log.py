"""The request log: one row for each request to write or decide, found by its key. `idempotency` interprets keys."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.crypto import salted_hmac

from . import canonical


class IdempotencyRecord(NamedTuple):
    """The result of a request that was made before, by its idempotency key."""

    body_hash: str
    codes: list[str]
    answer: dict[str, Any]
    records: list[int]


def body_hash(body: Mapping[str, Any]) -> str:
    """A keyed hash of the request's body, by which the same request is recognised.

    Keyed, because the body holds names and free words: without the key nobody can guess them from the hash.
    """
    return salted_hmac("ledger.attempts", canonical.encode(body), algorithm="sha256").hexdigest()


def find(actor: UUID, key: UUID) -> IdempotencyRecord | None:
    """The request of this person with this idempotency key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT body_hash, codes, answer, records FROM ledger_loggedrequest WHERE actor = %s AND key = %s",
            [actor, key],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return IdempotencyRecord(row[0], *(json.loads(v) if isinstance(v, str) else v for v in row[1:]))


def add(
    *,
    actor: UUID,
    key: UUID,
    action: str,
    subject: UUID | None,
    at: datetime,
    body_hash: str,
    codes: Sequence[str],
    answer: Mapping[str, Any],
    records: Sequence[int],
    request_id: UUID,
) -> bool:
    """Add a request and its result to the log, in the caller's transaction.

    Waits for another with the same key that is about to be written; False where that one was.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_loggedrequest
                   (actor, key, action, subject, at, body_hash, codes, answer, records, request_id)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
               ON CONFLICT (actor, key) DO NOTHING""",
            [
                actor, key, action, subject, at, body_hash, json.dumps(list(codes)), json.dumps(answer),
                json.dumps(list(records)), request_id,
            ],
        )  # fmt: skip
        added: int = cursor.rowcount
    return added == 1
