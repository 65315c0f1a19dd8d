"""Bad configuration stops the start with one sentence; what needs no database starts none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.embedded import APP, OWNER

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
BAD: dict[str, tuple[dict[str, str | None], str]] = {
    "one role for both": ({"DATABASE_OWNER_URL": GOOD["DATABASE_URL"]}, "name the same role"),
    "another database": ({"DATABASE_URL": "sqlite:///x"}, "must be PostgreSQL addresses"),
    "no Redis": ({"REDIS_URL": None}, "REDIS_URL is not"),
    "no secret": ({"SECRET_KEY": None}, "SECRET_KEY must be set"),
    "a short secret": ({"SECRET_KEY": "abc"}, "SECRET_KEY must be set"),
    "no hosts": ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS must name"),
    "no address of its own": ({"SITE_URL": ""}, "SITE_URL must be the address"),
    "an address without encryption": ({"SITE_URL": "http://clearfill.example.org"}, "SITE_URL must be the address"),
    "no mail server": ({"EMAIL_URL": None}, "EMAIL_URL must name the mail server"),
    "an empty mail server": ({"EMAIL_URL": ""}, "EMAIL_URL must name the mail server"),
    "a mail server without encryption": ({"EMAIL_URL": "smtp://mail.example.org:25"}, "EMAIL_URL must name"),
    "mail to the screen": ({"EMAIL_URL": "consolemail://"}, "EMAIL_URL must name the mail server"),
    "no sender": ({"DEFAULT_FROM_EMAIL": None}, "DEFAULT_FROM_EMAIL must be the sender"),
    "an empty sender": ({"DEFAULT_FROM_EMAIL": ""}, "DEFAULT_FROM_EMAIL must be the sender"),
    "a sender without a domain": ({"DEFAULT_FROM_EMAIL": "clearfill"}, "DEFAULT_FROM_EMAIL must be the sender"),
    "a sender of nowhere": ({"DEFAULT_FROM_EMAIL": "x@clearfill.invalid"}, "DEFAULT_FROM_EMAIL must be the sender"),
    "an unknown level": ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of"),
}


def manage(*arguments: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    values = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=keep | values, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_in_one_sentence(name: str) -> None:
    changed, sentence = BAD[name]
    result = manage("check", **changed)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1, result.stderr
    assert sentence in result.stderr


def test_without_the_owners_address_all_but_migrations_start() -> None:
    """Only the migration is given the owner's password; what serves has none to lose."""
    assert manage("diffsettings", DATABASE_OWNER_URL=None).returncode == 0
    result = manage("migrate", DATABASE_OWNER_URL=None)
    assert result.returncode == 1
    assert result.stderr == "CommandError: DATABASE_OWNER_URL is not set: migrations need the owner's address.\n"


def test_what_the_example_leaves_blank_may_stay_blank() -> None:
    assert manage("diffsettings", LOG_LEVEL="", CSRF_TRUSTED_ORIGINS="").returncode == 0


def test_the_keys_before_are_known() -> None:
    shown = manage("diffsettings", SECRET_KEY_FALLBACKS="the-one-before,the-one-before-that").stdout
    assert "SECRET_KEY_FALLBACKS = ['the-one-before', 'the-one-before-that']" in shown
    assert "SECRET_KEY_FALLBACKS = []" in manage("diffsettings", "--all", SECRET_KEY_FALLBACKS="").stdout


def test_a_production_like_start_is_clean(committed: str) -> None:
    """With addresses of the tests' own server in place of the example's: some checks look at the database."""
    socket = Path(os.environ["CLEARFILL_FOLDER"]) / "pg"
    addresses = {
        name: f"postgres://{user}@/{socket}/{committed}"
        for name, user in (("DATABASE_URL", APP), ("DATABASE_OWNER_URL", OWNER))
    }
    result = manage("check", "--deploy", "--fail-level", "WARNING", **addresses)
    assert result.returncode == 0, result.stderr


def test_the_rules_alone_start_no_server(tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text("[]")
    nowhere = str(tmp_path / "servers")
    changed: dict[str, str | None] = {**dict.fromkeys(GOOD), "CLEARFILL_FOLDER": nowhere}
    result = manage("replay", str(tmp_path / "none.json"), **changed)
    assert result.returncode == 0, result.stderr
    assert not Path(nowhere).exists()
