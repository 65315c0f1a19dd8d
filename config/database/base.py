"""Django's PostgreSQL backend; starts or joins the embedded server when it first needs a database."""

from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base as postgresql

from config.database.breaker import breaker
from config.database.timeout import DRIVER


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """As Django's, but for the embedded server (what needs none starts none) and connections that are watched.

    What serves does not wait for a server that was silent a moment ago (`config.database.breaker`).
    """

    Database = DRIVER

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A new connection, to a server that runs by then."""
        if settings.EMBEDDED_FOLDER is not None:
            _ensure(settings.EMBEDDED_FOLDER)
        if self.alias != "default":
            return super().get_new_connection(conn_params)
        breaker.check()
        # Before the first one is made: it may be the one that gets no answer.
        breaker.remember(conn_params)
        try:
            return super().get_new_connection(conn_params)
        except psycopg.errors.ConnectionTimeout:
            breaker.trip()
            raise


_started = False


def _ensure(base: Path) -> None:
    global _started
    if not _started:
        from devtools.embedded import ensure_postgres

        ensure_postgres(base)
        _started = True
