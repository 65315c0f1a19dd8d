"""Session store: in the database, as Django's. A session key that was not made there is not looked up."""

import re
from typing import Any

from django.contrib.sessions.backends import db
from django.db import connections, router
from django.utils import timezone

_LOAD = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
_KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(db.SessionStore):
    """A cookie that names no session's key names none: what the database could not even compare is not handed to it."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None

    def load(self) -> dict[str, Any]:
        """What stands in the session; nothing, where there is none or its time is up.

        Each request begins with it: the statement is written out, as to build it takes three times as long as to ask.
        """
        with connections[router.db_for_read(self.model)].cursor() as cursor:
            cursor.execute(_LOAD, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(row[0])
        return data
