"""The worker is silent: each officer is told at once, by a process that is not the worker.

A timer beside the worker runs `manage.py worker_health --mail` (`docs/operations.md`). It enqueues a message an officer
and sends those alone, by the outbox's own way: a row each, with a key that names the silence, so that each officer
hears once of it, whoever sends and however often it is asked. The page of the office says it without any of that.
"""

from datetime import datetime

import outbox
from outbox import heartbeats
from outbox.models import Message

from . import recipients
from .worker_health import SENTENCES, heart_stops

KIND = "worker-silent"

#: Names the silence of an installation whose worker never worked.
_NEVER = "never"


def tell(*, at: datetime) -> list[str]:
    """Tell each officer of a silence that lasts at `at`; what stands still, in sentences. Nothing is told otherwise."""
    found = heart_stops(at)
    if found:
        outbox.enqueue(_messages(at), at=at)
        outbox.deliver(at=at, kind=KIND)
    return found


def _messages(at: datetime) -> list[Message]:
    since = _since(at)
    return [
        Message(key=f"{KIND}:{since}:{one.code}", kind=KIND, data={"officer": one.code}, due_at=at)
        for one in recipients.office()
    ]


def _since(at: datetime) -> str:
    """Which silence it is: since the last work of whatever has stood still the longest."""
    last = heartbeats.last()
    if not all(task in last for task in SENTENCES):
        return _NEVER
    return f"{min(last[task] for task in SENTENCES):%Y%m%dT%H%M%S}"


def lasts(at: datetime) -> bool:
    """Whether the worker is still silent: asked once more before a message goes out."""
    return bool(heart_stops(at))
