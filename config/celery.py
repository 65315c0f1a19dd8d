"""The Celery application. The queue only notifies the workers: the record of work is in PostgreSQL."""

import logging.config
import os
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_prerun, worker_init, worker_process_init, worker_ready
from django.conf import settings
from django.db import connections

from config import start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("clearfill")


@app.on_configure.connect
def _is_configured(**_: object) -> None:
    """Worker and beat end with the sentence that says what is wrong."""
    start.read_settings()


app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["compliance.signing.pdf"])


@setup_logging.connect
def _as_everywhere(**_: object) -> None:
    """Worker and beat write lines as the application does, of the level that `LOG_LEVEL` says."""
    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
def check_folders(**_: object) -> None:
    """The worker signs, and hands out what it signed: without keys or a place for it, it does not start."""
    from ledger import keys

    try:
        keys.folder()
    except keys.NoKeys as missing:
        raise SystemExit(f"KEYS_FOLDER must name a folder with the program's keys: {missing}.") from None
    out = settings.CHECKPOINT_FOLDER
    with suppress(OSError):
        out.mkdir(parents=True, exist_ok=True)
    if not out.is_dir() or not os.access(out, os.W_OK | os.X_OK):
        raise SystemExit("CHECKPOINT_FOLDER must name a folder to which the worker may write.")


@worker_ready.connect
def _begins_at_once(**_: object) -> None:
    """What beat asks for each minute or oftener is asked for at once: nothing waits for beat's first round."""
    schedule: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE
    for entry in schedule.values():
        if isinstance(entry["schedule"], float):
            app.send_task(entry["task"])


@worker_process_init.connect
def _waits_with_an_end(**_: object) -> None:
    """No task waits for ever for a PostgreSQL that is silent."""
    from config.middleware import database_timeout

    database_timeout.watch_everything()


@task_prerun.connect
def _has_its_database(**_: object) -> None:
    """Each task begins as a request does: its connection is looked at before its first query, and made anew where it
    was lost.

    Celery itself closes connections only after some hundreds of tasks (`CELERY_DB_REUSE_MAX`), all of which would fail.
    """
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()
