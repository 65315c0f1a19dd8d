"""Starts a PostgreSQL and a Redis-protocol server of the tests' own, before Django's settings are read.

And adds the option `--all`: the full products, of which a run without it takes a share.
"""

import gc
import os
import shutil
from pathlib import Path

import psutil
import psycopg
import pytest

from devtools import embedded
from tests import amount

_MEMORY = Path("/dev/shm")
#: Bytes that the databases of a run have room in, several times over.
_ROOM = 2 * 1024**3


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all", action="store_true", help="every value in every field, 1,000 race rounds, 20,000 examples"
    )


def pytest_configure(config: pytest.Config) -> None:
    amount.EVERYTHING = config.getoption("all")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the journeys of which each run has the like."""
    if not amount.EVERYTHING:
        config.hook.pytest_deselected(items=[item for item in items if "whole_run" in item.keywords])
        items[:] = [item for item in items if "whole_run" not in item.keywords]


def pytest_collection_finish() -> None:
    """What is there now (modules, tests) stays until the end: it is not searched for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    base = _folder()
    os.environ["CLEARFILL_FOLDER"] = str(base)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # Assets gathered once beside the checkout are not what the tests look at.
    os.environ["STATIC_ROOT"] = str(base / "static")
    for parent in (_beside(), _MEMORY / _beside().name):
        _end_leftovers(parent)
    embedded.ensure_postgres(base)
    _write_carelessly(base)
    embedded.ensure_redis(base)


def _folder() -> Path:
    """Where this run's servers keep their data: in memory, if there is room. Many databases are copied in a run."""
    room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    return (_MEMORY / _beside().name if room else _beside()) / embedded.folder(f"test-{os.getpid()}").name


def _beside() -> Path:
    """The folder of all embedded servers of this user."""
    return embedded.folder().parent


def _write_carelessly(base: Path) -> None:
    """The tests' PostgreSQL does not wait for the disk: what a crash of the machine would take is made anew anyway.

    Nor does it start processes of its own for one query: each test run has one for every processor already. It cleans
    up and collects no statistics behind the tests: what it counted after one of them, nearly nothing, it would expect
    of the next one's thousands of rows, and read them by a plan that takes seconds. And it plans a prepared statement
    once for a connection, not anew for each use: of tables this small another plan is no better, and to find it takes
    a fifth of PostgreSQL's time. How large tables are read is asked in `tests.plans`, which explains no such statement.
    """
    with psycopg.connect(host=str(base / "pg"), user=embedded.OWNER, dbname="postgres", autocommit=True) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {setting} = off")
        server.execute("ALTER SYSTEM SET max_parallel_workers_per_gather = 0")
        server.execute("ALTER SYSTEM SET autovacuum = off")
        server.execute("ALTER SYSTEM SET plan_cache_mode = force_generic_plan")
        # What would be read after a crash is kept in memory too, and up to a gigabyte of it.
        server.execute("ALTER SYSTEM SET max_wal_size = '128MB'")
        # And says what took long: a page waits three seconds at most, and its test then sees a lost connection.
        server.execute("ALTER SYSTEM SET log_min_duration_statement = '1500ms'")
        server.execute("SELECT pg_reload_conf()")


#: What PostgreSQL writes where one of its processes ended by itself, whatever the test saw of it.
_CRASHES = ("was terminated by signal", "PANIC:", "out of memory", "No space left on device")
#: And where a statement took long. Some tests ask for that, by its name.
_LONG, _ASKED_FOR = " duration: ", ("pg_sleep", "CREATE DATABASE", "DROP DATABASE", "LOCK TABLE")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the servers' log has of a crash or a long statement: a test that fails for it says only that its
    connection is closed."""
    log = Path(os.environ.get("CLEARFILL_FOLDER", "")) / "pg" / "log"
    if not log.is_file():
        return
    lines = [line for line in log.read_text(errors="replace").splitlines() if _tells_of_a_fault(line)]
    if lines:
        terminalreporter.section("PostgreSQL")
        terminalreporter.line("\n".join(line[:1000] for line in lines[-20:]))


def _tells_of_a_fault(line: str) -> bool:
    is_long = _LONG in line and not any(word in line for word in _ASKED_FOR)
    return is_long or any(sign in line for sign in _CRASHES)


def pytest_unconfigure() -> None:
    if "CLEARFILL_FOLDER" in os.environ:
        embedded.stop(Path(os.environ["CLEARFILL_FOLDER"]), delete=True)


def _end_leftovers(parent: Path) -> None:
    """Servers of a test run or a bench that was killed are ended by the next test run: folders carry its process id."""
    for kind in ("test", "bench", "try"):
        for folder in parent.glob(f"{kind}-[0-9]*"):
            if not psutil.pid_exists(int(folder.name.split("-")[1])):
                embedded.stop(folder)
                shutil.rmtree(folder, ignore_errors=True)
