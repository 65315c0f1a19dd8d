"""The servers that the demo and the tests bring: started, joined, found again after a kill, ended."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from devtools import embedded
from tests import plugin
from tests.config import starting
from tests.config.processes import START, runs

STARTER = """
import signal, sys, time
from pathlib import Path
from devtools import embedded
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
base = Path(sys.argv[1])
embedded.ensure_postgres(base)
embedded.ensure_redis(base)
print("started", flush=True)
time.sleep(600)
"""


def pids(base: Path) -> list[int]:
    files = (base / "pg" / "postmaster.pid", base / "redis" / "pid")
    return [int(file.read_text().splitlines()[0]) for file in files if file.exists()]


def started_by_another(base: Path) -> starting.Process:
    other, said = starting.saying(["-c", STARTER, str(base)])
    with said:
        assert said.readline() == "started\n"
    return other


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_what_another_process_left_behind_is_joined(base: Path, how: signal.Signals) -> None:
    other = started_by_another(base)
    before = pids(base)
    other.send_signal(how)
    other.wait(START)
    embedded.ensure_postgres(base)
    embedded.ensure_redis(base)
    assert pids(base) == before
    with psycopg.connect(host=str(base / "pg"), user=embedded.APP, dbname=embedded.DATABASE) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    embedded.stop(base)
    assert not any(runs(pid) for pid in before)


def test_the_application_is_no_superuser() -> None:
    base = Path(os.environ["CLEARFILL_FOLDER"])
    with psycopg.connect(host=str(base / "pg"), user=embedded.APP, dbname=embedded.DATABASE) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone()
    assert row == (False,) * 5


def test_leftovers_of_a_test_run_that_was_killed_are_ended() -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    folder = embedded.folder(f"test-{gone.stdout.strip()}")
    embedded.ensure_redis(folder)
    (pid,) = pids(folder)
    plugin._end_leftovers(folder.parent)
    assert not runs(pid)
    assert not folder.exists()


@pytest.mark.parametrize("written", ["-20338", "0", "", "x"])
def test_stop_pid_file_of_a_killed_first_start_ends_nothing(tmp_path: Path, written: str) -> None:
    """PostgreSQL writes its id with a minus sign while it makes the data directory."""
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "postmaster.pid").write_text(written)
    embedded.stop(tmp_path, delete=True)
    assert not tmp_path.exists()


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = starting.run(["-m", "devtools.demo.run", "--port", str(port)])
    assert result.returncode == 1
    assert result.stderr == f"Port {port} is in use. Choose another one: bin/demo --port {port + 1}\n"
