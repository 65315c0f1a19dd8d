"""How everything starts: with all its settings, or not at all."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def read_settings() -> None:
    """Read every setting; where one is wrong, this process ends with the sentence that says what."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        settings.DEBUG  # noqa: B018  # reads all of them
    except ImproperlyConfigured as wrong:
        sys.exit(str(wrong))
