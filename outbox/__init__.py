"""Messages enqueued in the transaction that makes them due, and delivered afterwards. Knows nothing of patients."""

from .box import Later, RenderedMessage, enqueue, notify_worker, notify_worker_if_allowed, register, without_notifying
from .delivery import deliver
from .sealed import drop, encrypted, enqueue_rendered, enqueue_sealed, facts_of

__all__ = [
    "Later",
    "RenderedMessage",
    "deliver",
    "drop",
    "encrypted",
    "enqueue",
    "enqueue_rendered",
    "enqueue_sealed",
    "facts_of",
    "notify_worker",
    "notify_worker_if_allowed",
    "register",
    "without_notifying",
]
