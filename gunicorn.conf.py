"""gunicorn's own lines, written as everybody else's. What it serves is logged by the application, without addresses."""

from config import logs, start

# Before a worker is forked: one that cannot read them would be started over and over.
start.read_settings()

_OWN = {"gunicorn.error": {"propagate": True}, "gunicorn.access": {"level": "WARNING", "propagate": False}}

logconfig_dict = logs.handled("INFO", _OWN)
