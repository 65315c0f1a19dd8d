"""`docs/installing.md` leads from an empty server to the first approved practice, exactly as it stands there."""

import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from devtools.demo.codes import code_for
from tests import factories

from . import installed
from .installed import GUIDE, Browser, Installation, empty_server
from .processes import runs

PASSWORD = "apricot lantern 42"


def done(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def add_second_factor(browser: Browser) -> None:
    """An authenticator app, whose key is read off the page; the password is asked for once more before it."""
    browser.sends("/account/reauthenticate/", password=PASSWORD)
    browser.sends("/account/2fa/totp/activate/", code=lambda page: code_for(*re.findall(r"<samp>(\w+)</samp>", page)))


def officer(installation: Installation, added: str, email: str) -> Browser:
    """An officer who was added by the guide's command, which said that; with a password and a second factor."""
    (link,) = re.findall(r"https://[^/]+(/\S+)", added)
    browser = Browser(installation)
    assert browser.sends(link, password1=PASSWORD) == "/account/login/"
    assert Browser(installation).status(link) == 404, "the link works once"
    browser.sends("/account/login/", login=email, password=PASSWORD)
    assert browser.ask("/office/")[::2] == (302, "/account/2fa/"), "no page before the second factor"
    add_second_factor(browser)
    assert browser.status("/office/") == 200
    return browser


def practice(installation: Installation) -> Browser:
    """Registers by a link that goes by mail, and adds a second factor."""
    browser, email = Browser(installation), "doctor@example.org"
    browser.sends("/register/practice/", email=email)
    browser.sends(
        installation.link(email), practice_name="First Practice", npi=factories.npi(), address="1 Main Street",
        name="Robin Hale", password1=PASSWORD,
    )  # fmt: skip
    browser.ask("/")
    add_second_factor(browser)
    return browser


def test_the_guide_leads_from_an_empty_server_to_the_first_approved_practice() -> None:
    with empty_server() as installation:
        installation.make_database()
        (installation.base / "staticfiles").mkdir()
        for part in ("collectstatic", "manage.py migrate", "ledger.keys"):
            done(installation.run(part))
        with installation.serving():
            assets = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', Browser(installation).ask("/account/login/")[1]))
            assert any("bootstrap.min" in asset for asset in assets)
            assert {asset: Browser(installation).status(asset) for asset in assets} == dict.fromkeys(assets, 200)
            first = officer(installation, done(installation.run("First Officer")), "first@example.org")
            officer(installation, done(installation.run_again("Second Officer")), "second@example.org")
            assert "There are two officers" in installation.run_again("Second Officer").stderr
            doctor = practice(installation)
            waits = "has not approved your"
            assert waits in doctor.ask("/prescriber/enrol/")[1]
            first.sends("/office/certifications/?kind=prescriber", to="/approve/")
            status, page, _ = doctor.ask("/prescriber/enrol/")
            assert (status, waits in page, "family_name" in page) == (200, False, True)
            assert "doctor@example.org" not in installation.logs()


def test_the_guide_names_every_variable_that_it_needs() -> None:
    installation = Installation(Path("/nowhere"))
    names = set(installation.environment) | set(installation.workers_environment) | {"DATABASE_OWNER_URL"}
    table = set(re.findall(r"`([A-Z_]+)`", "".join(re.findall(r"^\| (`[A-Z].*?) \|", GUIDE, re.MULTILINE))))
    assert table == names
    installation.mail.close()


class Failure(Exception):
    """The walk ends early; with the processes that ran by then."""


def fail_with_stubborn_services() -> None:
    """A service that does not end when it is asked to, and one that it started itself."""
    stubborn = "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    child = stubborn + "print('here', flush=True); time.sleep(600)"
    parent = stubborn + f"subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(600)"
    with installed.ending([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with process.stdout as said:
            assert said.readline() == b"here\n"
        raise Failure(process.pid, *(child.pid for child in psutil.Process(process.pid).children()))


def test_a_walk_that_fails_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "PATIENCE", 0.2)
    with pytest.raises(Failure) as failed:
        fail_with_stubborn_services()
    until = time.monotonic() + 10
    while any(map(runs, failed.value.args)) and time.monotonic() < until:
        time.sleep(0.01)  # what was killed ends a moment later
    assert [runs(process) for process in failed.value.args] == [False, False]
