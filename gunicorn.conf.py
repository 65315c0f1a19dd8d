"""gunicorn's own lines, written as everybody else's. What it serves is logged by the application, without addresses."""

from config import logs

_OWN = {"gunicorn.error": {"propagate": True}, "gunicorn.access": {"level": "WARNING", "propagate": False}}

logconfig_dict = logs.handled("INFO", _OWN)
