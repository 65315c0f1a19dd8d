"""The Celery application. The queue only notifies the workers: the record of work is in PostgreSQL."""

import logging.config
import os

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("clearfill")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["compliance.signing.pdf"])


@setup_logging.connect
def _as_everywhere(**_: object) -> None:
    """Worker and beat write lines as the application does, of the level that `LOG_LEVEL` says."""
    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
def _has_keys(**_: object) -> None:
    """The worker signs: without the program's keys it does not start."""
    from ledger import keys

    try:
        keys.folder()
    except keys.NoKeys as missing:
        raise SystemExit(f"KEYS_FOLDER must name a folder with the program's keys: {missing}.") from None
