"""gunicorn's own lines, written as everybody else's. What it serves is logged by the application, without addresses."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    # Before a worker is forked: one that cannot read them would be started over and over.
    settings.DEBUG  # noqa: B018  # reads all of them
except ImproperlyConfigured as wrong:
    sys.exit(str(wrong))

_OWN = {"gunicorn.error": {"propagate": True}, "gunicorn.access": {"level": "WARNING", "propagate": False}}

logconfig_dict = logs.handled("INFO", _OWN)
