"""Starts a PostgreSQL and a Redis-protocol server of the tests' own, before Django's settings are read."""

import os
import shutil
from pathlib import Path

import psutil
import pytest

from ledger import embedded

#: The database that each worker's own is copied from: migrated once, by the owner.
TEMPLATE = "template_clearfill"


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if _is_worker():
        return
    base = embedded.folder(f"test-{os.getpid()}")
    os.environ["CLEARFILL_FOLDER"] = str(base)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # Assets gathered once beside the checkout are not what the tests look at.
    os.environ["STATIC_ROOT"] = str(base / "static")
    _end_leftovers(base.parent)
    embedded.ensure_postgres(base)
    embedded.ensure_redis(base)


def pytest_unconfigure() -> None:
    if not _is_worker() and "CLEARFILL_FOLDER" in os.environ:
        embedded.stop(Path(os.environ["CLEARFILL_FOLDER"]), delete=True)


def _end_leftovers(parent: Path) -> None:
    """Servers of a test run or a bench that was killed are ended by the next test run: folders carry its process id."""
    for kind in ("test", "bench", "try"):
        for folder in parent.glob(f"{kind}-[0-9]*"):
            if not psutil.pid_exists(int(folder.name.split("-")[1])):
                embedded.stop(folder)
                shutil.rmtree(folder, ignore_errors=True)
