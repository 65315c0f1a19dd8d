"""Work of this application in several processes, each with a connection of its own to the same database.

Nothing of Django is imported here before a process has been made one of the application.
"""

from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from typing import Any


def pool(count: int) -> ProcessPoolExecutor:
    """So many processes, with this one's database and no limit on a statement; `call` is what they carry out."""
    from django.db import connection

    database: str = connection.settings_dict["NAME"]
    # Each is a copy of one process that has imported the application, and has no connection.
    context = get_context("forkserver")
    context.set_forkserver_preload(["ledger.begun"])
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(database,))


def _begin(database: str) -> None:
    import django

    django.setup()
    from django.db import connections

    connections["default"].settings_dict["NAME"] = database
    with connections["default"].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")


def call(module: str, function: str, *values: Any) -> Any:
    """Carry out that function of that module."""
    return getattr(import_module(module), function)(*values)
