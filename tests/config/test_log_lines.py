"""Log lines of all processes and their servers: one JSON object a line, naming nobody."""

import json
import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from config.logs import formatter
from tests import amount
from tests.config import starting
from tests.config.processes import START, Web

#: As in the image, on a machine where the tests may be root; beat keeps its times in a file.
CELERY = ["-W", "ignore:You're running the worker", "-m", "celery", "-A", "config", "--quiet"]
PROCESSES = {
    "worker": [*CELERY, "worker", "--concurrency", "1"],
    "beat": [*CELERY, "beat", "--schedule", "{folder}/beat"],
}
#: What each has written when it is up: of the worker and beat, that there is no queue.
UP = {"web": "Booting worker", "worker": "Cannot connect", "beat": "beat: Starting"}
#: Celery says by itself that it ends.
LAST_WORDS = {"worker: Warm shutdown (MainProcess)"}


def is_up(name: str, written: Path) -> bool:
    """Whether it has said so; and of beat, which says so before, whether it has opened the file of its times.

    Whoever ends beat in the middle of opening it gets a traceback of Python's own.
    """
    return UP[name] in written.read_text() and (name != "beat" or any(written.parent.glob("beat*")))


def run(name: str, written: Path) -> None:
    """Start it, wait until it is up, and end it."""
    command = [part.format(folder=written.parent) for part in PROCESSES[name]]
    env = os.environ | {"REDIS_URL": "redis://127.0.0.1:1/0", "LOG_LEVEL": "INFO"}
    with written.open("wb") as file:
        process = starting.start(command, file, file, env=env)
        try:
            until = time.monotonic() + START
            while not is_up(name, written) and time.monotonic() < until:
                time.sleep(0.2)
            time.sleep(1)
        finally:
            process.terminate()
            process.wait(START)


def lines_of(written: Path) -> list[dict[str, Any]]:
    """What stands there, each line an object."""
    return [json.loads(line) for line in written.read_text().splitlines() if line and line not in LAST_WORDS]


def whole(lines: Iterable[dict[str, Any]]) -> bool:
    """Whether each line says what it must."""
    return all({"event", "timestamp", "level", "logger"} <= set(line) for line in lines)


#: A worker's lines are looked at where one runs (`test_worker.py`); here, without a queue, in a run of everything.
QUICK = [name for name in PROCESSES if name != "worker" or amount.EVERYTHING]


@pytest.mark.parametrize("name", QUICK)
def test_every_process_writes_one_object_a_line(name: str, tmp_path: Path) -> None:
    run(name, tmp_path / "written")
    lines = lines_of(tmp_path / "written")
    assert any(UP[name] in line["event"] for line in lines)
    assert whole(lines)


def test_the_web_server_does_too_and_of_nobody(web: Web) -> None:
    web.say(b"GET /nowhere?name=Ana HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    web.say(b"GET /nowhere?name=Ana NONSENSE\r\n\r\n")
    lines = lines_of(web.written)
    assert any(UP["web"] in line["event"] for line in lines)
    assert whole(lines)
    assert "Ana" not in web.written.read_text()
    assert any(line["event"].startswith("Invalid request from ***: ") for line in lines)


#: What gunicorn says, and what is left of it.
SAID = {
    "Error handling request /counter/?number=ABCD2345": "Error handling request /counter/?***",
    "Invalid request from ip=192.0.2.7: Invalid HTTP request line: 'GET /?name=Ana'":
        "Invalid request from ***: Invalid HTTP request line",
    "Invalid request from ip=2001:db8::7: Invalid HTTP Header: 'COOKIE\nsessionid=x'":
        "Invalid request from ***: Invalid HTTP Header",
    "Invalid request from ip=192.0.2.7: Request Line is too large (9000 > 4094)":
        "Invalid request from ***: Request Line is too large ",
    "May I dispense? No.": "May I dispense? No.",
}  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_a_web_servers_line_says_neither_who_asked_nor_for_what(said: str) -> None:
    record = logging.LogRecord("gunicorn.error", logging.WARNING, __file__, 1, said, (), None)
    assert json.loads(formatter().format(record))["event"] == SAID[said]
