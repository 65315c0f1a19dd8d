"""Session store: in the database, as Django's. A session key that was not made there is not looked up."""

import re

from django.contrib.sessions.backends import db

_KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(db.SessionStore):
    """A cookie that names no session's key names none: what the database could not even compare is not handed to it."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and _KEY.fullmatch(key) is not None
