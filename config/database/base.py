"""Django's PostgreSQL backend; starts or joins the embedded server when it first needs a database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base as postgresql

from config.database.timeout import DRIVER


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """As Django's, but for the embedded server (what needs none starts none) and connections that are watched."""

    Database = DRIVER

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A new connection, to a server that runs by then."""
        if settings.EMBEDDED_FOLDER is not None:
            _ensure(settings.EMBEDDED_FOLDER)
        return super().get_new_connection(conn_params)


_started = False


def _ensure(base: Path) -> None:
    global _started
    if not _started:
        from devtools.embedded import ensure_postgres

        ensure_postgres(base)
        _started = True
