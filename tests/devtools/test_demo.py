"""The demo: its port, and the servers that remain after a kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import embedded
from tests.config.processes import ROOT, START, free_port, runs

HOLDER = """
import sys, time
from pathlib import Path
from devtools import embedded
with embedded.held(Path(sys.argv[1])) as alone:
    if alone:
        embedded.ensure_redis(Path(sys.argv[1]))
    print(alone, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def base(port: int) -> Iterator[Path]:
    folder = embedded.folder(f"demo-{port}")
    yield folder
    embedded.stop(folder, delete=True)
    (folder.parent / f"{folder.name}.held").unlink(missing_ok=True)


@pytest.fixture
def holder(base: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(base)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.communicate()


def demo(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "devtools.demo.run", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | more, capture_output=True, text=True, check=False)


def redis_pid(base: Path) -> int:
    return int((base / "redis" / "pid").read_text())


def test_a_demo_that_is_still_being_made_has_its_port(holder: subprocess.Popen[str], base: Path, port: int) -> None:
    """It does not listen yet, and a second one would make its tables anew under it."""
    result = demo("--port", str(port))
    assert result.returncode == 1
    assert result.stderr == f"Port {port} is in use. Choose another one: bin/demo --port {port + 1}\n"
    assert runs(redis_pid(base))


@pytest.mark.parametrize("text", ["0", "65536", "-1", "eight", "8000.5"])
def test_what_is_no_port_is_refused(text: str) -> None:
    result = demo(f"--port={text}")
    assert result.returncode == 2
    assert "is no port (1 to 65535)" in result.stderr


def test_the_servers_of_a_killed_demo_are_ended_by_any_next_one(holder: subprocess.Popen[str], base: Path) -> None:
    pid = redis_pid(base)
    embedded.end_unheld("demo")
    assert runs(pid), "its demo still runs"
    holder.send_signal(signal.SIGKILL)
    holder.wait(START)
    assert runs(pid)
    embedded.end_unheld("demo")
    assert not runs(pid)


def test_bad_configuration_is_said_without_a_traceback(base: Path, port: int) -> None:
    given = {"DATABASE_URL": "sqlite:///x", "DATABASE_OWNER_URL": "sqlite:///x", "REDIS_URL": "redis://127.0.0.1:1"}
    result = demo("--port", str(port), **given)
    assert result.returncode == 1
    assert "must be PostgreSQL addresses" in result.stderr
    assert "Traceback" not in result.stderr
