"""Bad configuration stops the start with one sentence; what needs no database starts none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.embedded import APP, OWNER
from ledger import keys

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "DATABASE_URL": "postgres://clearfill_app:x@db/clearfill",
    "DATABASE_OWNER_URL": "postgres://postgres:x@db/clearfill",
    "REDIS_URL": "redis://redis:6379/0",
    "SECRET_KEY": "a random Text, 0123456789, of more than fifty characters",
    "ALLOWED_HOSTS": "clearfill.example.org",
    "SITE_URL": "https://clearfill.example.org",
    "EMAIL_URL": "smtp+tls://u:p@mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "Clearfill <no-reply@clearfill.example.org>",
}
_SITE, _MAIL = "SITE_URL must be the address", "EMAIL_URL must"
BAD: dict[str, tuple[dict[str, str | None], str]] = {
    "no database": ({"DATABASE_URL": None}, "DATABASE_URL is not set"),
    "a blank database": ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
    "only a secret": ({**dict.fromkeys(GOOD), "SECRET_KEY": GOOD["SECRET_KEY"]}, "DATABASE_URL is not set"),
    "another database": ({"DATABASE_URL": "sqlite:///x"}, "must be PostgreSQL addresses"),
    "a database that is no address": ({"DATABASE_URL": "clearfill"}, "must be PostgreSQL addresses"),
    "a database without a role": ({"DATABASE_URL": "postgres://db/clearfill"}, "must name a role and a database"),
    "a database with a port that is none": ({"DATABASE_URL": "postgres://u:pa@h:x/c"}, "DATABASE_URL cannot be read"),
    "one role for both": ({"DATABASE_OWNER_URL": GOOD["DATABASE_URL"]}, "name the same role"),
    "no Redis": ({"REDIS_URL": None}, "REDIS_URL is not"),
    "a blank Redis": ({"REDIS_URL": ""}, "REDIS_URL is not"),
    "another queue": ({"REDIS_URL": "amqp://redis"}, "REDIS_URL must be"),
    "no secret": ({"SECRET_KEY": None}, "SECRET_KEY must be set"),
    "a short secret": ({"SECRET_KEY": "abc"}, "SECRET_KEY must be set"),
    "a secret of one letter": ({"SECRET_KEY": "x" * 60}, "SECRET_KEY must be set"),
    "the secret of a developer": ({"SECRET_KEY": "local-only-" + GOOD["SECRET_KEY"]}, "SECRET_KEY must be set"),
    "a short secret before it": ({"SECRET_KEY_FALLBACKS": "abc"}, "SECRET_KEY_FALLBACKS must"),
    "no hosts": ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS must name"),
    "every host": ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
    "every host beside its own": ({"ALLOWED_HOSTS": "clearfill.example.org,*"}, "ALLOWED_HOSTS must name"),
    "another host": ({"ALLOWED_HOSTS": "example.org"}, "ALLOWED_HOSTS must name the host of SITE_URL"),
    "an origin without encryption": ({"CSRF_TRUSTED_ORIGINS": "http://clearfill.example.org"}, "CSRF_TRUSTED_ORIGINS"),
    "no address of its own": ({"SITE_URL": None}, _SITE),
    "a blank address of its own": ({"SITE_URL": ""}, _SITE),
    "an address without encryption": ({"SITE_URL": "http://clearfill.example.org"}, _SITE),
    "an address without a host": ({"SITE_URL": "https://"}, _SITE),
    "no mail server": ({"EMAIL_URL": None}, _MAIL),
    "a blank mail server": ({"EMAIL_URL": ""}, _MAIL),
    "mail that is printed": ({"EMAIL_URL": "consolemail://"}, _MAIL),
    "mail that is kept in files": ({"EMAIL_URL": "filemail:///var/mail"}, _MAIL),
    "a mail server without a host": ({"EMAIL_URL": "smtp+tls://"}, _MAIL),
    "a mail server elsewhere, in the clear": ({"EMAIL_URL": "smtp://u:p@mail.example.org:25"}, _MAIL),
    "a mail server that is no address": ({"EMAIL_URL": "mail"}, "EMAIL_URL cannot be read"),
    "no sender": ({"DEFAULT_FROM_EMAIL": None}, "DEFAULT_FROM_EMAIL must be"),
    "a sender without an address": ({"DEFAULT_FROM_EMAIL": "Clearfill"}, "DEFAULT_FROM_EMAIL must be"),
    "a sender of no domain": ({"DEFAULT_FROM_EMAIL": "x@clearfill.invalid"}, "DEFAULT_FROM_EMAIL must be"),
    "an unknown level": ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of"),
}
#: Everything that serves, as an operator starts it.
SERVES = {
    "web": ["-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0"],
    "worker": ["-m", "celery", "-A", "config", "--quiet", "worker"],
    "beat": ["-m", "celery", "-A", "config", "--quiet", "beat"],
}


def manage(*arguments: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    return run("manage.py", *arguments, **changed)


def run(*arguments: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    values = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-W", "ignore", *arguments]
    env = keep | values
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)


def own_addresses(database: str) -> dict[str, str]:
    """Addresses of a database on the tests' own server."""
    socket = Path(os.environ["CLEARFILL_FOLDER"]) / "pg"
    roles = {"DATABASE_URL": APP, "DATABASE_OWNER_URL": OWNER}
    return {name: f"postgres://{user}@/{socket}/{database}" for name, user in roles.items()}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_in_one_sentence(name: str) -> None:
    changed, sentence = BAD[name]
    result = manage("check", **changed)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1, result.stderr
    assert sentence in result.stderr
    assert "pa@h" not in result.stderr


@pytest.mark.parametrize("changed", [{"DEFAULT_FROM_EMAIL": None}, {"DATABASE_URL": None}], ids=["sender", "database"])
@pytest.mark.parametrize("process", SERVES)
def test_nothing_that_serves_starts_either(process: str, changed: dict[str, str | None]) -> None:
    result = run(*SERVES[process], **changed)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1, result.stderr
    assert next(iter(changed)) in result.stderr


@pytest.mark.parametrize("mode", [None, 0o640, 0o604])
def test_a_worker_starts_only_with_keys_that_it_alone_reads(committed: str, tmp_path: Path, mode: int | None) -> None:
    if mode is not None:
        keys.make(tmp_path)
        (tmp_path / keys.CHECKPOINT).chmod(mode)
    result = run(*SERVES["worker"], KEYS_FOLDER=str(tmp_path), **own_addresses(committed))
    assert result.returncode == 1
    (line,) = [line for line in result.stderr.splitlines() if "KEYS_FOLDER" in line]
    assert ("others may read" if mode else "makes one") in line
    assert "Traceback" not in result.stderr


def test_without_the_owners_address_all_but_migrations_start() -> None:
    """Only the migration is given the owner's password; what serves has none to lose."""
    assert manage("diffsettings", DATABASE_OWNER_URL=None).returncode == 0
    result = manage("migrate", DATABASE_OWNER_URL=None)
    assert result.returncode == 1
    assert result.stderr == "CommandError: DATABASE_OWNER_URL is not set: migrations need the owner's address.\n"


def test_what_the_example_leaves_blank_may_stay_blank() -> None:
    assert manage("diffsettings", SECRET_KEY_FALLBACKS="", LOG_LEVEL="", CSRF_TRUSTED_ORIGINS="").returncode == 0


def test_the_keys_before_are_known() -> None:
    before = "the-one-before-0123456789-which-was-just-as-long-as-it"
    shown = manage("diffsettings", SECRET_KEY_FALLBACKS=f"{before},{before}-that").stdout
    assert f"SECRET_KEY_FALLBACKS = ['{before}', '{before}-that']" in shown
    assert "SECRET_KEY_FALLBACKS = []" in manage("diffsettings", "--all", SECRET_KEY_FALLBACKS="").stdout


def test_a_production_like_start_is_clean(committed: str) -> None:
    """With addresses of the tests' own server in place of the example's: some checks look at the database."""
    result = manage("check", "--deploy", "--fail-level", "WARNING", **own_addresses(committed))
    assert result.returncode == 0, result.stderr


def test_the_rules_alone_start_no_server(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("[]")
    nowhere = str(tmp_path / "servers")
    changed: dict[str, str | None] = {**dict.fromkeys(GOOD), "CLEARFILL_FOLDER": nowhere}
    result = manage("replay", str(tmp_path / "none.json"), **changed)
    assert result.returncode == 0, result.stderr
    assert not Path(nowhere).exists()
