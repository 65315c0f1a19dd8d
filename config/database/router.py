"""Everything is read and written as the application's role; tables are made as the owner, and only as the owner."""

from typing import Any


class Router:
    """Migrations through `owner`, the rest through `default`."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Tables are made through `owner`; asked about `default`, the same tables are meant."""
        return None

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        """Rows read through either are rows of one database."""
        return True
