"""Runs the demo: servers, migrations, people, web, worker and beat, until it is told to stop."""

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import date
from pathlib import Path
from types import FrameType

from devtools import embedded
from devtools.demo.codes import code_of

PYTHON = sys.executable
_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Start everything, wait, stop everything. The exit code."""
    parser = argparse.ArgumentParser(prog="bin/demo", description="Clearfill with its demo people.")
    parser.add_argument("--port", type=_port, default=8000, help="where the pages are served (default: 8000)")
    parser.add_argument("--code", metavar="ADDRESS", help="print the code that this demo account signs in with now")
    options = parser.parse_args()
    if options.code:
        print(code_of(options.code))
        return 0
    port = options.port
    base = embedded.folder(f"demo-{port}")
    if _is_free(port):
        # Held as well, because a demo that is still making its people does not listen yet.
        with embedded.held(base) as alone:
            if alone:
                return _run(base, port)
    print(f"Port {port} is in use. Choose another one: bin/demo --port {port + 1}", file=sys.stderr)
    return 1


def _port(text: str) -> int:
    """A port that the pages may be served on."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port (1 to 65535)")
    return int(text)


def _run(base: Path, port: int) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` has it
        signal.signal(signal.SIGHUP, _interrupt)
    children: list[subprocess.Popen[bytes]] = []
    try:
        embedded.end_unheld("demo")
        _prepare(base, port)
        children += _start(base, port)
        _announce(port)
        return _watch(children)
    except KeyboardInterrupt:
        print("\nStopping.", flush=True)
        return 0
    except subprocess.CalledProcessError:
        print("The demo could not be made; the lines above say why.", file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        _stop(children)
        embedded.stop(base)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _prepare(base: Path, port: int) -> None:
    """Servers, tables, assets and people. Data of another day is made anew: the histories are relative to today."""
    os.environ |= {"DEMO": "true", "SITE_URL": f"http://localhost:{port}", "STATIC_ROOT": str(base / "static")}
    stamp = base / "made-on"
    if "DATABASE_URL" not in os.environ:
        os.environ["CLEARFILL_FOLDER"] = str(base)
        if not stamp.exists() or stamp.read_text() != date.today().isoformat():
            embedded.stop(base, delete=True)
        embedded.ensure_postgres(base)
    if "REDIS_URL" not in os.environ:
        embedded.ensure_redis(base)
        os.environ["REDIS_URL"] = embedded.redis_url(base)
    (base / "static").mkdir(parents=True, exist_ok=True)
    print("Making the tables and the demo's people (about half a minute the first time).", flush=True)
    for command in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"], ["seed_demo"]):
        subprocess.run([PYTHON, "manage.py", *command], check=True, preexec_fn=_die_with_parent)
    stamp.write_text(date.today().isoformat())


def _start(base: Path, port: int) -> list[subprocess.Popen[bytes]]:
    quietly = "ignore:You're running the worker with superuser privileges"  # a machine of one's own, for a demo
    celery = [PYTHON, "-W", quietly, "-m", "celery", "-A", "config", "--quiet"]
    commands = [
        [PYTHON, "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{port}", "-w", "2", "--log-level", "warning"],
        [*celery, "worker", "--concurrency", "1"],
        [*celery, "beat", "--schedule", str(base / "beat")],
    ]
    return [subprocess.Popen(command, preexec_fn=_die_with_parent, start_new_session=True) for command in commands]


def _die_with_parent() -> None:
    """However this supervisor ends, its children end with it (on Linux; elsewhere Ctrl-C and TERM do it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _announce(port: int) -> None:
    address = f"http://localhost:{port}"
    for _ in range(100):
        try:
            # This very machine.
            urllib.request.urlopen(f"{address}/health/ready", timeout=2).close()  # noqa: S310  # nosec B310
            break
        except OSError:
            time.sleep(0.1)
    print(f"\nClearfill is at {address}. Messages are read at {address}/office/outbox/. Ctrl-C stops it.", flush=True)


def _watch(children: list[subprocess.Popen[bytes]]) -> int:
    """Until one of them ends by itself, which the demo does not survive."""
    while all(child.poll() is None for child in children):
        time.sleep(0.5)
    print("A part of the demo ended by itself; stopping the rest.", file=sys.stderr)
    return 1


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()


if __name__ == "__main__":
    sys.exit(main())
