"""`/readyz` and `bin/doctor`: break it, and read the sentence."""

import os
import shutil
import subprocess
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client import REGISTRY

from config import doctor, readiness
from ledger import clock as clocks
from notifications import tasks
from notifications.worker_health import SENTENCES, UNDELIVERED
from outbox import heartbeats
from outbox.models import Message
from outbox.tasks import deliver
from tests import somebodys_keys
from tests.clocks import Clock
from tests.config.processes import ROOT, free_port
from tests.config.proxy import Proxy
from tests.mail_provider import MailProvider, mail_provider
from tests.notifications.test_worker_health import WORK
from tests.smtp import MailServer, mail_server

__all__ = ["mail_provider", "mail_server"]
pytestmark = pytest.mark.django_db
Patch = pytest.MonkeyPatch
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _all_is_well(clock: Clock, mail_server: MailServer) -> None:
    for task in WORK.values():
        task()


def said() -> tuple[int, str]:
    """The exit code of the command, and what it says."""
    out = StringIO()
    try:
        call_command("doctor", stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def ready() -> tuple[int, list[str]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.content.decode().splitlines()


def test_all_is_well(tmp_path: Path) -> None:
    code, words = said()
    assert (code, words) == (0, "".join(f"{name}: well.\n" for name in doctor.CHECKS))
    assert ready() == (200, ["ready"])
    assert Client().get("/healthz").status_code == 200


# --- what is broken, one at a time ----------------------------------------------------------------
def no_database(patch: Patch, settings: LazySettings, folder: Path) -> None:
    def refused(*_: object, **__: object) -> Any:
        raise OperationalError("connection refused for role clearfill_app")

    patch.setattr(connection, "cursor", refused)


def no_clock(patch: Patch, settings: LazySettings, folder: Path) -> None:
    clocks.override(None)
    patch.setattr(clocks, "TOLERANCE", -clocks.TOLERANCE)


def no_migration(patch: Patch, settings: LazySettings, folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations")
    patch.setattr(readiness, "_of_program", lambda: frozenset({("outbox", "9999_of_tomorrow")}))


def no_queue(patch: Patch, settings: LazySettings, folder: Path) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"


def hung_queue(patch: Patch, settings: LazySettings, folder: Path) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{Proxy(None).port}/0"


def long_queue(patch: Patch, settings: LazySettings, folder: Path) -> None:
    patch.setattr(readiness, "MANY_TASKS", -1)


def no_keys(patch: Patch, settings: LazySettings, folder: Path) -> None:
    settings.KEYS_ARE_LOCAL, settings.KEYS_FOLDER = False, folder


def open_keys(patch: Patch, settings: LazySettings, folder: Path) -> None:
    settings.KEYS_FOLDER = somebodys_keys.copied(folder / "keys")
    settings.KEYS_FOLDER.chmod(0o777)
    settings.KEYS_ARE_LOCAL = False


def no_mail_server(patch: Patch, settings: LazySettings, folder: Path) -> None:
    settings.EMAIL_PORT = free_port()


def wrong_password(patch: Patch, settings: LazySettings, folder: Path) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "user", "wrong password"

    def refused(*_: object) -> None:
        import smtplib

        raise smtplib.SMTPAuthenticationError(535, b"5.7.8 user: no")

    patch.setattr("smtplib.SMTP.login", refused)


def no_provider(patch: Patch, settings: LazySettings, folder: Path) -> None:
    settings.MAIL_PROVIDER, settings.EMAIL_BACKEND = "postmark", "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {
        "POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": f"http://127.0.0.1:{free_port()}/",
        "REQUESTS_TIMEOUT": (1, 1),
    }  # fmt: skip


def no_sweep(patch: Patch, settings: LazySettings, folder: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM outbox_heartbeat WHERE task = 'sweep'")


def old_message(patch: Patch, settings: LazySettings, folder: Path) -> None:
    at = clocks.now().replace(year=2020)
    Message.objects.create(
        id=uuid4(),
        key="old",
        kind="x",
        enqueued_at=at,
        due_at=at,
        attempts=3,
        next_attempt_at=clocks.now().replace(year=2030),
    )


def unknown_kind(patch: Patch, settings: LazySettings, folder: Path) -> None:
    at = clocks.now()
    Message.objects.create(
        id=uuid4(), key="x", kind="x", enqueued_at=at, due_at=at, next_attempt_at=at, dropped_at=at,
        outcome="unknown-kind",
    )  # fmt: skip


def full_disk(patch: Patch, settings: LazySettings, folder: Path) -> None:
    patch.setattr(shutil, "disk_usage", lambda _folder: Usage(10**12, 10**12 - 10**8, 10**8))


Break = Callable[[Patch, LazySettings, Path], None]
#: What is broken; which check finds it; what it says; what to do; and whether `/readyz` says the same.
BROKEN: dict[str, tuple[Break, str, str, str, bool]] = {
    "no database": (no_database, "database", readiness.DATABASE, "DATABASE_URL", True),
    "clocks that differ": (no_clock, "clock", readiness.CLOCK, "time servers", True),
    "a migration that was not applied": (no_migration, "migrations", readiness.MIGRATIONS, "manage.py migrate", True),
    "no queue": (no_queue, "queue", readiness.BROKER, "REDIS_URL", True),
    "a queue that hangs": (hung_queue, "queue", readiness.BROKER, "REDIS_URL", True),
    "a queue that nobody works off": (long_queue, "queue", "no worker takes them", "Start a worker", True),
    "no keys": (no_keys, "keys", "keys cannot be used", "docs/keys.md", False),
    "keys that others may replace": (open_keys, "keys", "others may replace", "docs/keys.md", False),
    "no mail server": (no_mail_server, "mail", "cannot be reached", "EMAIL_URL", False),
    "a mail server's wrong password": (wrong_password, "mail", "refuses user or password", "EMAIL_URL", False),
    "no provider": (no_provider, "mail", "cannot be reached", "EMAIL_URL", False),
    "no sweep": (no_sweep, "worker", SENTENCES["sweep"], "worker and beat", True),
    "a message that waits": (old_message, "worker", UNDELIVERED, "delivery_failed", True),
    "a kind that the worker does not know": (unknown_kind, "worker", "does not know", "Update the worker", False),
    "a full disk": (full_disk, "disk", "nearly full", "Make room", False),
}


@pytest.fixture
def _mended(clock: Clock) -> Iterator[None]:
    yield
    clocks.override(clock)


@pytest.mark.usefixtures("_mended")
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_said_in_words_with_what_to_do(
    name: str, monkeypatch: Patch, settings: LazySettings, tmp_path: Path
) -> None:
    do, check, sentence, remedy, shows = BROKEN[name]
    with monkeypatch.context() as patch:
        do(patch, settings, tmp_path)
        code, words = said()
        status, lines = ready()
    assert code == 1
    lines_said = words.splitlines()
    found = next(place for place, line in enumerate(lines_said) if line.startswith(f"{check}: ") and sentence in line)
    assert remedy in lines_said[found + 1]
    assert "clearfill_app" not in words
    assert "wrong password" not in words
    assert (status == 503 and any(sentence in line for line in lines)) is shows


#: Each form of REDIS_URL, as Celery has it, and as the driver reads it.
FORMS = {
    "redis://:pa@h:1/2": "redis://:pa@h:1/2",
    "redis+socket:///run/sock?virtual_host=7": "unix:///run/sock?db=7",
    "rediss://:pa@h:1/2?ssl_cert_reqs=CERT_REQUIRED": "rediss://:pa@h:1/2?ssl_cert_reqs=required",
}


@pytest.mark.parametrize("address", FORMS)
def test_the_queue_is_asked_at_the_address_that_the_worker_has(address: str, settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL = address
    assert readiness._address() == FORMS[address]


def test_a_queue_that_hangs_is_waited_for_no_longer_than_a_page_may(monkeypatch: Patch, settings: LazySettings) -> None:
    hung_queue(monkeypatch, settings, Path())
    begun = time.monotonic()
    assert readiness.broker() == readiness.BROKER
    assert time.monotonic() - begun < 1.5


def test_every_check_is_broken_once() -> None:
    assert {check for _do, check, *_rest in BROKEN.values()} == set(doctor.CHECKS)


def test_what_needs_the_database_says_that_it_was_not_asked(monkeypatch: Patch) -> None:
    monkeypatch.setattr(readiness, "database", lambda: readiness.DATABASE)
    _code, words = said()
    assert words.count("not asked") == sum(check.needs_database for check in doctor.CHECKS.values())


def test_the_counter_is_not_cut_off_because_the_worker_stands(monkeypatch: Patch, settings: LazySettings) -> None:
    """The proxy goes by `/health/ready`, which needs the database alone."""
    with monkeypatch.context() as patch:
        for do in (no_sweep, no_queue, old_message):
            do(patch, settings, Path())
        assert ready()[0] == 503
        assert Client().get("/health/ready").status_code == 200
        assert Client().get("/healthz").content == Client().get("/health/live").content == b"live"


def test_the_figures_say_the_same(monkeypatch: Patch, settings: LazySettings) -> None:
    def figure(name: str, **labels: str) -> float | None:
        assert Client().get("/metrics").status_code == 200
        return REGISTRY.get_sample_value(name, labels)

    parts = ("database", "migrations", "queue")
    assert [figure("clearfill_ready", part=part) for part in parts] == [1, 1, 1]
    assert figure("clearfill_oldest_undelivered_seconds") == 0
    with monkeypatch.context() as patch:
        for do in (no_queue, no_migration, old_message):
            do(patch, settings, Path())
        assert [figure("clearfill_ready", part=part) for part in parts] == [1, 0, 0]
        assert (figure("clearfill_oldest_undelivered_seconds") or 0) > 365 * 86400
    tasks.checkpoint()
    assert figure("clearfill_last_checkpoint_timestamp_seconds") is not None
    assert figure("clearfill_unreachable_addresses") == 0


def test_the_workers_container_asks_for_its_heartbeats(monkeypatch: Patch, settings: LazySettings) -> None:
    call_command("worker_health")
    no_mail_server(monkeypatch, settings, Path())
    deliver()
    call_command("worker_health")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM outbox_heartbeat WHERE task = %s", [heartbeats.DELIVER])
    said = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("worker_health", stderr=said)
    assert end.value.code == 1
    assert said.getvalue() == SENTENCES[heartbeats.DELIVER] + "\n"


def test_the_script_ends_with_the_sentence_of_a_setting_that_is_wrong() -> None:
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"SECRET_KEY": "short"}
    done = subprocess.run([ROOT / "bin" / "doctor"], env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == "DATABASE_URL is not set: an installation needs the address of its PostgreSQL.\n"


def test_a_provider_that_answers_is_well(mail_provider: MailProvider) -> None:
    assert list(doctor.CHECKS["mail"].find()) == []


@pytest.mark.django_db
def test_a_new_database_is_said_to_lack_its_migrations() -> None:
    """As after a clone, before anything was started."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO pg_catalog")  # no table of ours is there
    assert readiness.migrations() == readiness.MIGRATIONS
    found = dict(doctor.examine())
    assert [fault.sentence for fault in found["migrations"] or ()] == [readiness.MIGRATIONS]
    assert found["worker"] is None
