"""Start a Python process: quickly, forked from one that has the libraries loaded (`loaded.py`).

It is told from one that begins with nothing by what it imported of others. So each sort of process begins with nothing
once in each run (`test_installing.py`), and all of them in a run of everything.
"""

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from tests import amount

ROOT = Path(__file__).resolve().parent.parent.parent
#: Seconds in which a process must have started: beside other work that takes longer than to answer.
START = 60


class Process(Protocol):
    """What tests ask of a process, as `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class Forked:
    """A process that was forked, and is somebody else's child: its number and how it ended are told by a channel."""

    def __init__(self, channel: socket.socket) -> None:
        self._lines = channel.makefile()
        self._channel = channel
        self._ended: int | None = None
        self.pid = int(self._lines.readline())

    def poll(self) -> int | None:
        """How it ended; None as long as it runs."""
        if self._ended is None and select.select([self._channel], [], [], 0)[0]:
            self._ended = int(self._lines.readline())
            self._lines.close()
            self._channel.close()
        return self._ended

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended."""
        if self._ended is None and not select.select([self._channel], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        ended = self.poll()
        assert ended is not None
        return ended

    def send_signal(self, sig: int) -> None:
        """Send it to it, as long as it runs."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _channel() -> socket.socket:
    """To the process that has the libraries loaded: whoever of the run's workers needs it first starts it."""
    folder = Path(os.environ["CLEARFILL_FOLDER"])
    channel, address = socket.socket(socket.AF_UNIX), str(folder / "loaded")
    with (folder / "loaded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not Path(address).exists():
            # It is nobody's child: it may be needed longer than this worker runs.
            command, null = [sys.executable, str(Path(__file__).with_name("loaded.py")), address], subprocess.DEVNULL
            subprocess.run(["setsid", "--fork", *command], stdin=null, stdout=null, check=True)
        until = time.monotonic() + START
        while channel.connect_ex(address):
            assert time.monotonic() < until, "it does not come to load the libraries"
            time.sleep(0.02)
    return channel


def forks() -> bool:
    """Whether processes are forked: not in a run of everything, nor while it is measured which lines are run."""
    return not amount.EVERYTHING and "COVERAGE_PROCESS_CONFIG" not in os.environ


def start(
    arguments: Sequence[str], out: IO[bytes], error: IO[bytes], *, env: Mapping[str, str], cwd: Path = ROOT
) -> Process:
    """`python ARGUMENTS` in that folder and environment, writing into those files."""
    if not forks():
        command, null = [sys.executable, *arguments], subprocess.DEVNULL
        return subprocess.Popen(command, cwd=cwd, env=env, stdin=null, stdout=out, stderr=error, start_new_session=True)
    channel = _channel()
    socket.send_fds(channel, [b"."], [out.fileno(), error.fileno()])
    request: dict[str, Any] = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}
    channel.sendall(f"{json.dumps(request)}\n".encode())
    return Forked(channel)


def saying(arguments: Sequence[str], *, env: Mapping[str, str] = os.environ) -> tuple[Process, IO[str]]:
    """`python ARGUMENTS`, and what it says as it says it; of its errors nothing is heard."""
    ours, its = os.pipe()
    with open(its, "wb") as out, open(os.devnull, "wb") as nowhere:
        return start(arguments, out, nowhere, env=env), open(ours)


def run(
    arguments: Sequence[str], *, env: Mapping[str, str] = os.environ, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """`python ARGUMENTS` to its end, with what it wrote."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        process = start(arguments, out, error, env=env, cwd=cwd)
        try:
            code = process.wait(START)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(START)
            raise
        out.seek(0)
        error.seek(0)
        said, failed = out.read().decode(), error.read().decode()
    return subprocess.CompletedProcess(list(arguments), code, said, failed)
