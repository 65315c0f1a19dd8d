"""The Django project: settings, addresses, the servers it starts when none are configured."""

from .celery import app as celery_app

__all__ = ["celery_app"]
