"""The cache in which the rate limits count: a table of PostgreSQL in which a count stays until its time is over.

Django's own backend throws out entries that still hold once there are many: whoever makes many resets the others'. It
also reads pickles, counts all entries at each write, and of two that add one key at once both may have added it.
Here each write is one statement, values are JSON, and the worker removes what has expired (`accounts.tasks`).
"""

import json
import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

_SET = """
INSERT INTO accounts_ratelimitcount AS kept (key, value, expires_at)
VALUES (%(key)s, %(value)s::jsonb, to_timestamp(%(expires)s))
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
#: What has expired is as good as gone. Of several who add one key at once the others wait here, and then see it.
_ADD = f"{_SET} WHERE kept.expires_at <= to_timestamp(%(now)s)"
_GET = "SELECT value::text FROM accounts_ratelimitcount WHERE key = %(key)s AND expires_at > to_timestamp(%(now)s)"
_TOUCH = """
UPDATE accounts_ratelimitcount SET expires_at = to_timestamp(%(expires)s)
WHERE key = %(key)s AND expires_at > to_timestamp(%(now)s)
"""
_INCREASE = """
UPDATE accounts_ratelimitcount SET value = to_jsonb(value::bigint + %(delta)s)
WHERE key = %(key)s AND expires_at > to_timestamp(%(now)s) RETURNING value::bigint
"""
_DELETE = "DELETE FROM accounts_ratelimitcount WHERE key = %(key)s"
#: A row that is written at this moment is passed over; one that was renewed meanwhile is looked at anew, and stays.
_REMOVE_EXPIRED = """
DELETE FROM accounts_ratelimitcount WHERE key = ANY(ARRAY(
    SELECT key FROM accounts_ratelimitcount WHERE expires_at <= to_timestamp(%(now)s)
    ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
))
"""


class RateLimitStore(BaseCache):
    """Django's cache, for counts that must hold. Values are what JSON can say."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value, or `default` where there is none that still holds."""
        with connection.cursor() as cursor:
            cursor.execute(_GET, self._values(key, version))
            row = cursor.fetchone()
        return json.loads(row[0]) if row else default

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep the value for `timeout` seconds."""
        self._change(_SET, key, version, value=json.dumps(value), timeout=timeout)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep the value unless there is one that still holds; whether this call has."""
        return self._change(_ADD, key, version, value=json.dumps(value), timeout=timeout)

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep what is there for `timeout` seconds from now; whether there is anything."""
        return self._change(_TOUCH, key, version, timeout=timeout)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget the key; whether it was there."""
        return self._change(_DELETE, key, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add to a number, however many do at once. Raises ValueError where there is none."""
        with connection.cursor() as cursor:
            cursor.execute(_INCREASE, {**self._values(key, version), "delta": delta})
            row = cursor.fetchone()
        if row is None:
            raise ValueError("There is no such count.")
        return int(row[0])

    def clear(self) -> None:
        """Forget everything."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_ratelimitcount")

    def _change(
        self, sql: str, key: Any, version: int | None, *, value: str = "", timeout: float | None = DEFAULT_TIMEOUT
    ) -> bool:
        until = self.get_backend_timeout(timeout)
        # For PostgreSQL that is an instant like any other, after all others.
        expires = float("inf") if until is None else until
        with connection.cursor() as cursor:
            cursor.execute(sql, {**self._values(key, version), "value": value, "expires": expires})
            return bool(cursor.rowcount)

    def _values(self, key: Any, version: int | None) -> dict[str, Any]:
        # By the clock of allauth, which also says when an attempt was counted.
        return {"key": self.make_and_validate_key(key, version=version), "now": time.time()}


def remove_expired(limit: int) -> int:
    """Remove so many counts, at most, that hold no more; how many were removed."""
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE_EXPIRED, {"now": time.time(), "limit": limit})
        return int(cursor.rowcount)
