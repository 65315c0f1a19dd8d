"""An installation as `docs/installing.md` makes one: servers of its own, production settings, real processes."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg

from devtools import embedded
from tests.config import starting
from tests.config.processes import ROOT, START, free_port
from tests.security.reading import Form, Page
from tests.smtp import MailServer

GUIDE = (ROOT / "docs" / "installing.md").read_text()
HOST = "clearfill.example.org"
SITE = f"https://{HOST}"
#: Seconds that a service has to end by itself.
PATIENCE = 15


def line(part: str) -> str:
    """The one line of the guide's commands that has this part."""
    blocks = "\n".join(re.findall(r"^```\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE))
    (found,) = [one for one in blocks.splitlines() if part in one]
    return found


@dataclass(slots=True)
class Installation:
    """What the guide makes, in a folder of its own."""

    base: Path
    mail: MailServer = field(default_factory=MailServer)
    port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        """The guide's table of variables, for every service."""
        return {
            "DATABASE_URL": embedded.database_url(self.base, "clearfill_app"),
            "REDIS_URL": embedded.redis_url(self.base),
            "SECRET_KEY": "chosen at random, 0123456789, and more than fifty letters",
            "ALLOWED_HOSTS": HOST,
            "SITE_URL": SITE,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
            "DEFAULT_FROM_EMAIL": f"Clearfill <no-reply@{HOST}>",
            "REPLY_TO_EMAIL": f"Clearfill <help@{HOST}>",
        }

    @property
    def workers_environment(self) -> dict[str, str]:
        """What the worker gets beside it."""
        return {"KEYS_FOLDER": str(self.base / "keys"), "CHECKPOINT_FOLDER": str(self.base / "checkpoints")}

    def make_database(self) -> None:
        """Both roles and the database, by the guide's own statements."""
        with psycopg.connect(
            host=str(self.base / "pg"), user=embedded.OWNER, dbname="postgres", autocommit=True
        ) as server:
            # The embedded server has roles and a database of these names, for the demo.
            server.execute("DROP DATABASE clearfill")
            server.execute("DROP ROLE clearfill_app")
            for statement in re.findall(r'-c "([^"]+)"', line("CREATE ROLE")):
                server.execute(statement)
            owner, name = line("createdb").split()[-2:]
            server.execute(f"CREATE DATABASE {name} OWNER {owner}")

    def command(self, part: str, **more: str) -> tuple[list[str], dict[str, str]]:
        """The guide's command with this part, with this test's own paths; and its environment."""
        text = line(part).replace("/path/to", str(self.base)).replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        # There is no such user here: whoever runs the tests is it.
        words = re.findall(r'"[^"]*"|\S+', text.removeprefix("sudo -u clearfill "))
        own = {word.split("=", 1)[0]: word.split("=", 1)[1] for word in words if re.match(r"[A-Z_]+=", word)}
        if "DATABASE_OWNER_URL" in own:
            own["DATABASE_OWNER_URL"] = embedded.database_url(self.base, "clearfill_owner")
        words = [word.strip('"') for word in words if not re.match(r"[A-Z_]+=", word)]
        program = words[0].rpartition("/")[2]
        begin = [sys.executable, *([] if program == "python" else ["-m", program])]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        where = {"STATIC_ROOT": str(self.base / "staticfiles")}
        return begin + words[1:], kept | where | ({} if "DEMO" in own else self.environment) | own | more

    def run(self, part: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the guide's command with this part to its end."""
        words, env = self.command(part, **more)
        return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=START)

    def run_again(self, part: str) -> subprocess.CompletedProcess[str]:
        """The same of a command that was run before, so that how it begins with nothing was seen."""
        words, env = self.command(part)
        return starting.run(words[1:], env=env)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Web, worker and beat, as the guide starts them, until the block ends."""
        # Each is asked to end before the first of them is waited for.
        with ExitStack() as stack, ExitStack() as together:
            for name in ("gunicorn", "worker", "beat"):
                more = self.workers_environment if name == "worker" else {}
                words, env = self.command(f"bin/{name}" if name == "gunicorn" else f"quiet {name}", **more)
                file = stack.enter_context((self.base / f"{name}.log").open("wb"))
                process = stack.enter_context(ending(words, cwd=ROOT, env=env, stdout=file, stderr=file))
                together.callback(process.terminate)
            self.wait_for(lambda: Browser(self).status("/health/ready") == 200)
            yield

    def wait_for[V](self, what: Callable[[], V]) -> V:
        """What it gives at last, within a minute."""
        until = time.monotonic() + START
        while True:
            try:
                if found := what():
                    return found
            except OSError:
                pass
            assert time.monotonic() < until, self.logs()
            time.sleep(0.1)

    def logs(self) -> str:
        """What the services have written."""
        return "\n".join(file.read_text()[-3000:] for file in sorted(self.base.glob("*.log")))

    def link(self, to: str) -> str:
        """The path of the link in the newest letter to somebody."""
        letters = self.wait_for(lambda: [words for who, words in self.mail.letters if who == to])
        (found,) = re.findall(rf"{SITE}(/\S+)", letters[-1])
        return str(found)


class Browser:
    """Somebody's browser, behind a proxy that speaks HTTPS."""

    def __init__(self, of: Installation) -> None:
        self.of = of
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, form: dict[str, Any] | None = None) -> tuple[int, str, str]:
        """Status, words, and where it leads."""
        connection = http.client.HTTPConnection("127.0.0.1", self.of.port, timeout=START)
        headers = {
            "Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7", "Origin": SITE,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }  # fmt: skip
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form, doseq=True)
        connection.request("GET" if form is None else "POST", path, body, headers)
        answer = connection.getresponse()
        words = answer.read().decode(errors="replace")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        connection.close()
        return answer.status, words, urlsplit(answer.headers.get("Location", "")).path

    def status(self, path: str) -> int:
        """The status of a page."""
        return self.ask(path)[0]

    def sends(self, path: str, /, *, to: str = "", **given: str | Callable[[str], str]) -> str:
        """Open a page, fill in the form that goes there, send it; every box of a text is ticked. Where it leads.

        What is callable is worked out from the page.
        """
        status, words, _ = self.ask(path)
        assert status == 200, (path, status, self.of.logs())
        form = next(
            one for one in Page(path, words).forms
            if one.method == "post" and to in one.action and set(given) <= set(one.fields)
        )  # fmt: skip
        typed = {name: value(words) if callable(value) else value for name, value in given.items()}
        status, words, where = self.ask(form.action, _kept(form) | typed)
        assert status == 302, (form.action, status, re.sub(r"<[^>]+>|\s+", " ", words)[-3000:], self.of.logs())
        return where


def _kept(form: Form) -> dict[str, str]:
    hidden = {name: entry.value for name, entry in form.fields.items() if entry.kind == "hidden"}
    return hidden | {name: "on" for name in form.fields if name.startswith("item_")}


@contextmanager
def ending(words: list[str], **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, whatever happens in it, and with it all that it started."""
    process = subprocess.Popen(words, start_new_session=True, **how)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def empty_server() -> Iterator[Installation]:
    """A machine with its PostgreSQL and its Redis, and nothing of ours in them."""
    installation = Installation(embedded.folder(f"try-{os.getpid()}-installing"))
    try:
        embedded.ensure_postgres(installation.base)
        embedded.ensure_redis(installation.base)
        yield installation
    finally:
        installation.mail.close()
        embedded.stop(installation.base, delete=True)
