"""The demo: its port, the servers that remain after a kill, and what its outbox page shows within a minute."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from devtools import embedded
from devtools.demo.codes import code_of
from devtools.demo.people import PASSWORD
from tests import amount
from tests.config import starting
from tests.config.processes import ROOT, START, free_port, runs
from tests.security.reading import Page

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
def holder(base: Path) -> Iterator[starting.Process]:
    process, said = starting.saying(["-c", HOLDER, str(base)])
    with said:
        assert said.readline() == "True\n"
    yield process
    process.kill()
    process.wait(START)


def demo(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return starting.run(["-m", "devtools.demo.run", *arguments], env=os.environ | more)


def redis_pid(base: Path) -> int:
    return int((base / "redis" / "pid").read_text())


def test_a_demo_that_is_still_being_made_has_its_port(holder: starting.Process, base: Path, port: int) -> None:
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


def test_the_servers_of_a_killed_demo_are_ended_by_any_next_one(holder: starting.Process, base: Path) -> None:
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


# --- with the clock running ------------------------------------------------------------------------------


@pytest.fixture
def running(base: Path, port: int) -> Iterator[str]:
    """A demo of its own, from its start on: its address."""
    command = [sys.executable, "-u", "-m", "devtools.demo.run", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any(line.startswith("Clearfill is at") for line in process.stdout), "it did not start"
    yield f"http://localhost:{port}"
    process.terminate()
    process.communicate()


class Officer:
    """A browser in which the demo's officer has signed in, by the password and the code of this minute."""

    def __init__(self, address: str) -> None:
        self.address, self.session = address, requests.Session()
        self.send("/account/login/", login="officer@demo.invalid", password=PASSWORD)
        self.send("/account/2fa/authenticate/", code=code_of("officer@demo.invalid"))

    def read(self, path: str) -> str:
        answer = self.session.get(self.address + path, timeout=30)
        assert (answer.status_code, answer.url) == (200, self.address + path)
        return answer.text

    def send(self, path: str, **typed: str) -> None:
        (form,) = [form for form in Page(path, self.read(path)).forms if set(typed) <= set(form.fields)]
        sent = {name: entry.value for name, entry in form.fields.items()} | typed
        headers = {"Referer": self.address + path}
        assert self.session.post(self.address + form.action, sent, headers=headers, timeout=30).status_code == 200


@pytest.mark.skipif(not amount.EVERYTHING, reason="a whole demo is made: with --all")
def test_within_a_minute_the_outbox_page_shows_that_a_window_closes_tomorrow(running: str) -> None:
    """The patient's letter, by its subject and address, and what came as a text; nobody did anything for it."""
    begun, officer, page = time.monotonic(), Officer(running), ""
    while time.monotonic() < begun + 60:
        page = officer.read("/office/outbox/")
        texts, _, emails = page.partition("Captured e-mails")
        if "Something to do in Clearfill until" in emails and "something needs you by" in texts:
            break
        time.sleep(1)
    letters = re.findall(r'<details class="captured-email">(.*?)</details>', page, re.DOTALL)
    closing = [one for one in letters if re.search(r"Something to do in Clearfill until \w+ \d+, New York time", one)]
    assert any(re.search(r"patient\d+@demo\.invalid", one) for one in closing)
    found = re.findall(r'<article class="captured-email">(.*?)</article>', page, re.DOTALL)
    assert [one for one in found if re.search(r"\+1212555\d{4}", one) and "something needs you by" in one]
