"""Bad configuration stops the start with one sentence; what needs no database starts none."""

import os
import re
import runpy
import ssl
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection

from config import celery, logs
from devtools.embedded import APP, OWNER
from ledger import keys
from tests import amount, somebodys_keys
from tests.config import starting
from tests.config.starting import ROOT

GOOD = {
    "DATABASE_URL": "postgres://clearfill_app:x@db/clearfill",
    "DATABASE_OWNER_URL": "postgres://postgres:x@db/clearfill",
    "REDIS_URL": "redis://redis:6379/0",
    "SECRET_KEY": "a random Text, 0123456789, of more than fifty characters",
    "ALLOWED_HOSTS": "clearfill.example.org",
    "SITE_URL": "https://clearfill.example.org",
    "EMAIL_URL": "smtp+tls://u:p@mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "Clearfill <no-reply@clearfill.example.org>",
    "REPLY_TO_EMAIL": "Clearfill <help@clearfill.example.org>",
}
_FAR = "?sslmode=verify-full"
_SITE, _MAIL, _SENDER, _REPLY, _WEBHOOK = (
    "SITE_URL must be the address",
    "EMAIL_URL must name the mail server",
    "DEFAULT_FROM_EMAIL must be",
    "REPLY_TO_EMAIL must be",
    "EMAIL_WEBHOOK_SECRET must be",
)
_SECRET, _FORMER, _HOSTS = "SECRET_KEY must be set", "SECRET_KEY_FALLBACKS must", "ALLOWED_HOSTS must name"
_TEXTS = "SMS_URL must name the provider's account"
_REDIS_AWAY = "REDIS_URL must begin with rediss:// and have a password"
BAD: dict[str, tuple[dict[str, str | None], str]] = {
    "no database": ({"DATABASE_URL": None}, "DATABASE_URL is not set"),
    "a blank database": ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
    "only a secret": ({**dict.fromkeys(GOOD), "SECRET_KEY": GOOD["SECRET_KEY"]}, "DATABASE_URL is not set"),
    "another database": ({"DATABASE_URL": "sqlite:///x"}, "must be PostgreSQL addresses"),
    "a database of a kind that is none": ({"DATABASE_URL": "postgress://u:pa@h/c"}, "must be PostgreSQL addresses"),
    "a database that is no address": ({"DATABASE_URL": "clearfill"}, "must be PostgreSQL addresses"),
    "a database without a role": ({"DATABASE_URL": "postgres://db/clearfill"}, "must name a role and a database"),
    "a database with a port that is none": ({"DATABASE_URL": "postgres://u:pa@h:x/c"}, "DATABASE_URL cannot be read"),
    "a database without a password": ({"DATABASE_URL": "postgres://u@db/c"}, "DATABASE_URL must have the role's"),
    "an owner without a password": ({"DATABASE_OWNER_URL": "postgres://o@db/c"}, "DATABASE_OWNER_URL must have the"),
    "a database elsewhere, in the clear": ({"DATABASE_URL": "postgres://u:pa@h.example.org/c"}, f"must end in {_FAR}"),
    "a database elsewhere, of anybody": ({"DATABASE_URL": "postgres://u:pa@192.0.2.1/c?sslmode=require"}, _FAR),
    "one of two databases elsewhere": ({"DATABASE_URL": "postgres://u:pa@localhost,h.example.org/c"}, _FAR),
    "a superuser that serves": (
        {"DATABASE_URL": GOOD["DATABASE_OWNER_URL"], "DATABASE_OWNER_URL": None}, "must name the role that serves",
    ),
    "one role for both": ({"DATABASE_OWNER_URL": GOOD["DATABASE_URL"]}, "name the same role"),
    "no Redis": ({"REDIS_URL": None}, "REDIS_URL is not"),
    "a blank Redis": ({"REDIS_URL": ""}, "REDIS_URL is not"),
    "another queue": ({"REDIS_URL": "amqp://redis"}, "REDIS_URL must be"),
    "a Redis with a port that is none": ({"REDIS_URL": "redis://:pa@h:x/0"}, "REDIS_URL cannot be read"),
    "a Redis with a database that is none": ({"REDIS_URL": "redis://redis:6379/x"}, "REDIS_URL must end in"),
    "a Redis elsewhere, in the clear": ({"REDIS_URL": "redis://:pa@redis.example.org:6379/0"}, _REDIS_AWAY),
    "a Redis elsewhere, without a password": ({"REDIS_URL": "rediss://192.0.2.1:6379/0"}, _REDIS_AWAY),
    "a Redis of anybody": ({"REDIS_URL": "rediss://:pa@h.example.org/0?ssl_cert_reqs=none"}, "?ssl_cert_reqs=required"),
    "no secret": ({"SECRET_KEY": None}, _SECRET),
    "a short secret": ({"SECRET_KEY": "abc"}, _SECRET),
    "a secret of one letter": ({"SECRET_KEY": "x" * 60}, _SECRET),
    "a secret that repeats": ({"SECRET_KEY": "0123456789" * 6 + "012"}, _SECRET),
    "the secret of a developer": ({"SECRET_KEY": "local-only-" + GOOD["SECRET_KEY"]}, _SECRET),
    "the secret of Django's example": ({"SECRET_KEY": "django-insecure-" + GOOD["SECRET_KEY"]}, _SECRET),
    "a short secret before it": ({"SECRET_KEY_FALLBACKS": "abc"}, _FORMER),
    "the secret of a developer before it": ({"SECRET_KEY_FALLBACKS": "local-only-and-not-secret-" + "x" * 40}, _FORMER),
    "no hosts": ({"ALLOWED_HOSTS": None}, _HOSTS),
    "every host": ({"ALLOWED_HOSTS": "*"}, _HOSTS),
    "every host beside its own": ({"ALLOWED_HOSTS": "clearfill.example.org,*"}, _HOSTS),
    "every host of a country": ({"ALLOWED_HOSTS": ".org"}, _HOSTS),
    "another host": ({"ALLOWED_HOSTS": "example.org"}, "ALLOWED_HOSTS must name the host of SITE_URL"),
    "an origin without encryption": ({"CSRF_TRUSTED_ORIGINS": "http://clearfill.example.org"}, "CSRF_TRUSTED_ORIGINS"),
    "an origin without a host": ({"CSRF_TRUSTED_ORIGINS": "https://"}, "CSRF_TRUSTED_ORIGINS"),
    "every origin": ({"CSRF_TRUSTED_ORIGINS": "https://*.example.org"}, "CSRF_TRUSTED_ORIGINS"),
    "no address of its own": ({"SITE_URL": None}, _SITE),
    "a blank address of its own": ({"SITE_URL": ""}, _SITE),
    "an address without encryption": ({"SITE_URL": "http://clearfill.example.org"}, _SITE),
    "an address without a host": ({"SITE_URL": "https://"}, _SITE),
    "an address with a name and a password": ({"SITE_URL": "https://u:pa@clearfill.example.org"}, _SITE),
    "an address of a page": ({"SITE_URL": "https://clearfill.example.org/#top"}, _SITE),
    "an address with a port that is none": ({"SITE_URL": "https://clearfill.example.org:x"}, "SITE_URL cannot be read"),
    "an address that is none": ({"SITE_URL": "https://["}, "SITE_URL cannot be read"),
    "no mail server": ({"EMAIL_URL": None}, _MAIL),
    "a blank mail server": ({"EMAIL_URL": ""}, _MAIL),
    "mail that is printed": ({"EMAIL_URL": "consolemail://"}, _MAIL),
    "mail that is kept in files": ({"EMAIL_URL": "filemail:///var/mail"}, _MAIL),
    "mail that is thrown away": ({"EMAIL_URL": "dummymail://"}, _MAIL),
    "mail that is kept in memory": ({"EMAIL_URL": "memorymail://"}, _MAIL),
    "a mail server without a host": ({"EMAIL_URL": "smtp+tls://"}, _MAIL),
    "a mail server elsewhere, in the clear": ({"EMAIL_URL": "smtp://u:pa@mail.example.org:25"}, _MAIL),
    "a mail server of the network, in the clear": ({"EMAIL_URL": "smtp://u:pa@192.0.2.1:25"}, _MAIL),
    "a mail server that is no address": ({"EMAIL_URL": "mail"}, "EMAIL_URL cannot be read"),
    "a mail server with a port that is none": ({"EMAIL_URL": "smtp+tls://u:pa@h:x"}, "EMAIL_URL cannot be read"),
    "no sender": ({"DEFAULT_FROM_EMAIL": None}, _SENDER),
    "a blank sender": ({"DEFAULT_FROM_EMAIL": ""}, _SENDER),
    "a sender without an address": ({"DEFAULT_FROM_EMAIL": "Clearfill"}, _SENDER),
    "a sender without a domain": ({"DEFAULT_FROM_EMAIL": "no-reply@clearfill"}, _SENDER),
    "the sender of Django": ({"DEFAULT_FROM_EMAIL": "webmaster@localhost"}, _SENDER),
    "a sender at a number": ({"DEFAULT_FROM_EMAIL": "x@[192.0.2.1]"}, _SENDER),
    "a sender of two lines": ({"DEFAULT_FROM_EMAIL": "Clearfill\n<no-reply@clearfill.example.org>"}, _SENDER),
    **{f"a sender at .{last}": ({"DEFAULT_FROM_EMAIL": f"x@clearfill.{last}"}, _SENDER)
       for last in ("invalid", "localhost", "test", "example")},
    "no address for answers": ({"REPLY_TO_EMAIL": None}, _REPLY),
    "a blank address for answers": ({"REPLY_TO_EMAIL": ""}, _REPLY),
    "an address for answers that is none": ({"REPLY_TO_EMAIL": "Clearfill"}, _REPLY),
    "an address for answers of two lines": ({"REPLY_TO_EMAIL": "Help\n<help@clearfill.example.org>"}, _REPLY),
    "an address for answers that nobody has": ({"REPLY_TO_EMAIL": "help@clearfill.invalid"}, _REPLY),
    **{
        f"text messages: {what}": ({"SMS_URL": url}, said)
        for what, url, said in (
            ("no token", "twilio://AC00000000000000000000000000000000@api.twilio.com/+12125550100", _TEXTS),
            ("no account", "twilio://:pa@api.twilio.com/+12125550100", _TEXTS),
            ("another scheme", "http://AC00000000000000000000000000000000:pa@h/+12125550100", _TEXTS),
            ("no sender", "twilio://AC00000000000000000000000000000000:pa@api.twilio.com", "SMS_URL must end in the"),
            ("a sender that is none", "twilio://AC00000000000000000000000000000000:pa@h/x", "SMS_URL must end in the"),
            ("no address", "twilio://[", "SMS_URL cannot be read"),
            ("no words", "twilio", _TEXTS),
        )
    },
    "text messages of the demo that go to people": (
        {**dict.fromkeys(GOOD), "DEMO": "true", "SMS_URL": "twilio://a:pa@h/+12125550100"}, "SMS_URL must be empty",
    ),
    "a provider without a token": ({"EMAIL_URL": "postmark://api"}, "EMAIL_URL must name the provider's account"),
    "a provider without a domain": ({"EMAIL_URL": "mailgun://pa@"}, "EMAIL_URL must name the provider's account"),
    "a provider that is no address": ({"EMAIL_URL": "mailgun://pa@["}, "EMAIL_URL must name the provider's account"),
    "a provider whose word is not proved": ({"EMAIL_URL": "mailgun://pa@c.example.org"}, _WEBHOOK),
    "a provider whose secret is short": (
        {"EMAIL_URL": "postmark://pa@api", "EMAIL_WEBHOOK_SECRET": "u:short"}, _WEBHOOK,
    ),
    "a provider whose secret has no name": (
        {"EMAIL_URL": "postmark://pa@api", "EMAIL_WEBHOOK_SECRET": "x" * 40}, _WEBHOOK,
    ),
    "a demo that sends by a provider": ({
        "DEMO": "true", "EMAIL_URL": "postmark://pa@api", "EMAIL_WEBHOOK_SECRET": "u:" + "x" * 30,
    }, "DEMO and DEBUG must be off"),
    "a demo that sends mail": ({"DEMO": "true"}, "DEMO and DEBUG must be off"),
    "a developer's shell beside people": ({"DEBUG": "true"}, "DEBUG must be off where others reach"),
    "a developer's shell at an address of all": (
        {"DEBUG": "true", "EMAIL_URL": None, "ALLOWED_HOSTS": None}, "DEBUG must be off where others reach",
    ),
    "a developer's shell for other hosts": (
        {"DEBUG": "true", "EMAIL_URL": None, "SITE_URL": None}, "DEBUG must be off where others reach",
    ),
    "a developer's shell that sends mail": (
        {"DEBUG": "true", "SITE_URL": None, "ALLOWED_HOSTS": None}, "DEMO and DEBUG must be off",
    ),
    "an unknown level": ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of"),
}  # fmt: skip
#: As good: what is on this machine needs no password of its own, what is elsewhere is reached encrypted.
ALSO_GOOD: dict[str, dict[str, str | None]] = {
    "everything on this machine": {
        "DATABASE_URL": "postgres://clearfill_app@localhost/clearfill", "DATABASE_OWNER_URL": None,
        "REDIS_URL": "redis://127.0.0.1:6379/0", "EMAIL_URL": "smtp://[::1]:25",
    },
    "sockets": {"DATABASE_URL": "postgres://clearfill_app@//run/postgresql/clearfill", "REDIS_URL": "unix:///run/redis/sock"},
    "everything elsewhere": {
        "DATABASE_URL": f"postgres://clearfill_app:pa@db.example.org/clearfill{_FAR}",
        "REDIS_URL": "rediss://:pa@redis.example.org:6379/0?ssl_cert_reqs=required",
        "EMAIL_URL": "smtp+ssl://u:pa@mail.example.org:465",
    },
    "a secret that begins with a dollar sign": {"SECRET_KEY": "$" + GOOD["SECRET_KEY"]},
    "all hosts of its domain": {"ALLOWED_HOSTS": ".example.org"},
    "a port of its own": {"SITE_URL": "https://clearfill.example.org:8443/"},
    "a sender without a name": {"DEFAULT_FROM_EMAIL": "no-reply@clearfill.example.org"},
    "Postmark": {"EMAIL_URL": "postmark://token@api", "EMAIL_WEBHOOK_SECRET": "events:" + "x" * 30},
    "Mailgun": {"EMAIL_URL": "mailgun://key@mg.example.org", "EMAIL_WEBHOOK_SECRET": "x" * 30},
    "Mailgun in Europe": {"EMAIL_URL": "mailgun+eu://key@mg.example.org", "EMAIL_WEBHOOK_SECRET": "x" * 30},
    "another origin": {"CSRF_TRUSTED_ORIGINS": "https://www.example.org"},
}  # fmt: skip
#: Everything that starts, as an operator starts it.
STARTS = {
    "web": ["-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0"],
    "worker": ["-m", "celery", "-A", "config", "--quiet", "worker"],
    "beat": ["-m", "celery", "-A", "config", "--quiet", "beat"],
    "a question to the worker": ["-m", "celery", "-A", "config", "inspect", "ping"],
    "a command": ["manage.py", "add_officer", "first@example.org", "First Officer"],
    "a command of Django's": ["manage.py", "migrate"],
    "a shell": ["manage.py", "shell", "-c", "print(1)"],
}


def manage(*arguments: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    return run("manage.py", *arguments, **changed)


def run(*arguments: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    return starting.run(arguments, env=environment(changed))


def environment(changed: Mapping[str, str | None]) -> dict[str, str]:
    """The good one, changed by that: None takes a variable out."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return keep | {name: value for name, value in {**GOOD, **changed}.items() if value is not None}


def own_addresses(database: str) -> dict[str, str]:
    """Addresses of a database on the tests' own server."""
    socket = Path(os.environ["CLEARFILL_FOLDER"]) / "pg"
    roles = {"DATABASE_URL": APP, "DATABASE_OWNER_URL": OWNER}
    return {name: f"postgres://{user}@/{socket}/{database}" for name, user in roles.items()}


@pytest.fixture
def read_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str | None]], dict[str, Any]]:
    """The settings as such an environment makes them, without a process of their own."""

    def read(changed: dict[str, str | None]) -> dict[str, Any]:
        monkeypatch.setattr(logs, "configure", lambda: None)
        with patch.dict(os.environ, environment(changed), clear=True):
            return runpy.run_path(str(ROOT / "config" / "settings.py"))

    return read


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_in_one_sentence(name: str, read_with: Callable[[dict[str, str | None]], object]) -> None:
    changed, sentence = BAD[name]
    with pytest.raises(ImproperlyConfigured) as wrong:
        read_with(changed)
    said = str(wrong.value)
    assert sentence in said
    assert re.fullmatch(r"[A-Z_]{4,}\b[^\n]*\.", said)
    assert "pa@" not in said


@pytest.mark.parametrize("name", ALSO_GOOD)
def test_what_is_right_starts(name: str, read_with: Callable[[dict[str, str | None]], dict[str, Any]]) -> None:
    changed = ALSO_GOOD[name]
    read = read_with(changed)
    assert (read["DEBUG"], read["DEMO"], read["EMBEDDED_FOLDER"]) == (False, False, None)
    assert read["SECRET_KEY"] == changed.get("SECRET_KEY", GOOD["SECRET_KEY"])


#: However it is asked for, or not: an encrypted Redis proves who it is.
ENCRYPTED = ("", "?ssl_cert_reqs=required", "?ssl_cert_reqs=CERT_REQUIRED", "?ssl_ca_certs=/etc/ca.pem")


@pytest.mark.parametrize("asked", ENCRYPTED)
def test_an_encrypted_queue_is_verified_by_default(
    asked: str, read_with: Callable[[dict[str, str | None]], dict[str, Any]]
) -> None:
    read = read_with({"REDIS_URL": f"rediss://:pa@redis.example.org:6379/0{asked}"})
    how = Connection(read["CELERY_BROKER_URL"]).ssl
    assert isinstance(how, dict)
    assert how["ssl_cert_reqs"] == ssl.CERT_REQUIRED


_TAKEN_AWAY = ("DEFAULT_FROM_EMAIL", "DATABASE_URL")
#: Without `--all` each process without one of the two, by turns.
_WITHOUT = [
    (process, variable)
    for place, process in enumerate(STARTS)
    for turn, variable in enumerate(_TAKEN_AWAY)
    if amount.EVERYTHING or place % 2 == turn
]


@pytest.mark.parametrize(("process", "variable"), _WITHOUT)
def test_nothing_starts_without_its_settings(process: str, variable: str) -> None:
    result = run(*STARTS[process], **{variable: None})
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1, result.stderr
    assert variable in result.stderr
    assert result.stdout == ""


#: Modes of the folder of keys and of a key in it, and what is said of them. None: there are no keys.
BAD_KEYS: dict[str, tuple[tuple[int, int] | None, str]] = {
    "no keys": (None, "makes one"),
    "a key that its group reads": ((0o700, 0o640), "others may read checkpoint.pem"),
    "a key that everybody reads": ((0o700, 0o604), "others may read checkpoint.pem"),
    "a folder to which its group writes": ((0o770, 0o600), "others may replace"),
    "a folder to which everybody writes": ((0o702, 0o600), "others may replace"),
}


def bad_keys(folder: Path, modes: tuple[int, int] | None) -> None:
    """Keys in a folder of these modes."""
    if modes is not None:
        somebodys_keys.copied(folder).chmod(modes[0])
        (folder / keys.CHECKPOINT).chmod(modes[1])


@pytest.mark.parametrize("name", BAD_KEYS)
def test_keys_that_others_reach_are_none(settings: Any, tmp_path: Path, name: str) -> None:
    modes, said = BAD_KEYS[name]
    bad_keys(tmp_path, modes)
    settings.KEYS_FOLDER, settings.KEYS_ARE_LOCAL = tmp_path, False
    with pytest.raises(keys.NoKeys, match=said):
        keys.folder()


#: Without `--all` one worker is started, without keys: all of them are read by `keys.folder`.
BAD_KEYS_OF_A_WORKER = [*BAD_KEYS][: amount.share(len(BAD_KEYS), 1)]


@pytest.mark.parametrize("name", BAD_KEYS_OF_A_WORKER)
def test_a_worker_starts_only_with_keys_that_are_its_alone(committed: str, tmp_path: Path, name: str) -> None:
    modes, said = BAD_KEYS[name]
    bad_keys(tmp_path, modes)
    line = refusal_of_a_worker(committed, KEYS_FOLDER=str(tmp_path))
    assert line.startswith("KEYS_FOLDER must name a folder")
    assert said in line


def test_a_worker_starts_only_where_it_can_hand_out_checkpoints(settings: Any, tmp_path: Path) -> None:
    """What it asks itself when it starts, without a process: that it ends for it is seen with the keys."""
    (tmp_path / "file").touch()
    settings.KEYS_FOLDER, settings.CHECKPOINT_FOLDER = somebodys_keys.made(), tmp_path / "file"
    with pytest.raises(SystemExit) as end:
        celery.check_folders()
    assert str(end.value) == "CHECKPOINT_FOLDER must name a folder to which the worker may write."


def refusal_of_a_worker(database: str, **changed: str) -> str:
    """The sentence with which a worker ends."""
    result = run(*STARTS["worker"], **changed, **own_addresses(database))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    (line,) = [line for line in result.stderr.splitlines() if "_FOLDER" in line]
    return line


def test_without_the_owners_address_all_but_migrations_start(
    read_with: Callable[[dict[str, str | None]], dict[str, Any]],
) -> None:
    """Only the migration is given the owner's password; what serves has none to lose."""
    without, good = read_with({"DATABASE_OWNER_URL": None})["DATABASES"], read_with({})["DATABASES"]
    assert without["default"] == good["default"]
    assert without["owner"]["USER"] == good["default"]["USER"] != good["owner"]["USER"]
    result = manage("migrate", DATABASE_OWNER_URL=None)
    assert result.returncode == 1
    assert result.stderr == "CommandError: DATABASE_OWNER_URL is not set: migrations need the owner's address.\n"


def test_what_the_example_leaves_blank_may_stay_blank(
    read_with: Callable[[dict[str, str | None]], dict[str, Any]],
) -> None:
    blank = read_with({"SECRET_KEY_FALLBACKS": "", "LOG_LEVEL": "", "CSRF_TRUSTED_ORIGINS": ""})
    assert (blank["SECRET_KEY_FALLBACKS"], blank["CSRF_TRUSTED_ORIGINS"]) == ([], [])
    assert blank["LOGGING"] == read_with({"LOG_LEVEL": "INFO"})["LOGGING"]


def test_the_keys_before_are_known(read_with: Callable[[dict[str, str | None]], dict[str, Any]]) -> None:
    before = "the-one-before-0123456789-which-was-just-as-long-as-it"
    read = read_with({"SECRET_KEY_FALLBACKS": f"{before},{before}-that"})
    assert read["SECRET_KEY_FALLBACKS"] == [before, f"{before}-that"]


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
