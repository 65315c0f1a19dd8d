"""The doctor: what is wrong with an installation, in words, and what to do about it."""

import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core import mail as mailing

from config import readiness
from ledger import keys
from ledger.clock import now
from notifications.worker_health import UNDELIVERED, UNMADE, standstill
from outbox.models import Message
from outbox.outcomes import UNKNOWN_KIND

#: The share of a disk, and how many bytes of it, below which it is as good as full.
FREE_SHARE, FREE_BYTES = 0.05, 1024**3


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, and what to do."""

    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check: what it finds, and whether it needs the database."""

    find: Callable[[], Iterator[Fault]]
    needs_database: bool = False


def _database() -> Iterator[Fault]:
    if said := readiness.database():
        yield Fault(said, "Look whether PostgreSQL runs, and at host, role and password in DATABASE_URL.")


def _clock() -> Iterator[Fault]:
    if said := readiness.clock():
        yield Fault(said, "Let both machines follow the same time servers.")


def _migrations() -> Iterator[Fault]:
    if said := readiness.migrations():
        yield Fault(said, "Run `manage.py migrate` with DATABASE_OWNER_URL.")


def _queue() -> Iterator[Fault]:
    said = readiness.broker()
    if said == readiness.BROKER:
        yield Fault(said, "Look whether Redis runs, and at host and password in REDIS_URL. Nothing is lost meanwhile.")
    elif said:
        yield Fault(said, "Start a worker; see the last lines of its log.")


def _keys() -> Iterator[Fault]:
    if not _is_worker():
        return
    try:
        keys.folder()
    except keys.NoKeys as missing:
        yield Fault(f"The program's keys cannot be used: {missing}.", "See docs/keys.md; the worker signs nothing so.")
    out = settings.CHECKPOINT_FOLDER
    if out.exists() and not os.access(out, os.W_OK | os.X_OK):
        yield Fault(f"Nothing can be written to CHECKPOINT_FOLDER ({out}).", "Give it to the worker's user.")


def _is_worker() -> bool:
    """The worker alone has keys: where none are named nothing is asked."""
    return bool(os.environ.get("KEYS_FOLDER")) or settings.KEYS_FOLDER.exists()


def _mail() -> Iterator[Fault]:
    try:
        if settings.MAIL_PROVIDER:
            _ask_provider()
        else:
            with closing(mailing.mailers.default) as backend:
                backend.open()
    except Exception as error:
        name = type(error).__name__
        if "Authentication" in name:
            yield Fault(f"The mail server refuses user or password ({name}).", "Correct them in EMAIL_URL.")
        else:
            yield Fault(f"The mail server cannot be reached ({name}).", "Look at host and port in EMAIL_URL.")


def _ask_provider() -> None:
    backend = mailing.mailers.default
    question = urllib.request.Request(getattr(backend, "api_url", ""), method="HEAD")  # noqa: S310  # the setting's own
    with suppress(urllib.error.HTTPError):  # whatever it answers, it is there
        urllib.request.urlopen(question, timeout=10).close()  # noqa: S310  # nosec B310


def _worker() -> Iterator[Fault]:
    for said in standstill(now()):
        yield Fault(said, _REMEDIES.get(said, "Look whether worker and beat run, and at the last lines of their logs."))
    if Message.objects.filter(outcome=UNKNOWN_KIND).exists():
        yield Fault("Messages were given up whose kind the worker does not know.", "Update the worker as well.")


_REMEDIES: Mapping[str, str] = {
    UNDELIVERED: "The lines `delivery_failed` in the worker's log name the error.",
    UNMADE: "The lines `pdf_failed` in the worker's log name the error.",
}


def _disk() -> Iterator[Fault]:
    for folder in _folders():
        total, _used, free = shutil.disk_usage(folder)
        if free < FREE_BYTES and free < total * FREE_SHARE:
            yield Fault(f"The disk of {folder} is nearly full ({free // 1024**2} MB are free).", "Make room on it.")


def _folders() -> list[Path]:
    """One of each disk that this process writes to, or its program is on."""
    known = (settings.BASE_DIR, settings.CHECKPOINT_FOLDER, settings.KEYS_FOLDER, Path("/tmp"))  # noqa: S108  # nosec B108
    return list({folder.stat().st_dev: folder for folder in reversed(known) if folder.is_dir()}.values())


CHECKS: Mapping[str, Check] = {
    "database": Check(_database),
    "clock": Check(_clock, needs_database=True),
    "migrations": Check(_migrations, needs_database=True),
    "queue": Check(_queue),
    "keys": Check(_keys),
    "mail": Check(_mail),
    "worker": Check(_worker, needs_database=True),
    "disk": Check(_disk),
}


def examine() -> Iterator[tuple[str, list[Fault] | None]]:
    """Each check's name with what it found; None where it could not be asked before the database is mended."""
    is_there = not readiness.database()
    is_sound = is_there and not (readiness.migrations() or readiness.clock())
    for name, check in CHECKS.items():
        can_ask = is_sound if name == "worker" else is_there or not check.needs_database
        yield name, list(check.find()) if can_ask else None
