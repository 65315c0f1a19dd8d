"""Messages enqueued in the transaction that makes them due, and delivered afterwards. Knows nothing of patients."""

from .box import RenderedMessage, deliver, enqueue, notify_worker, notify_worker_if_allowed, register, without_notifying

__all__ = [
    "RenderedMessage",
    "deliver",
    "enqueue",
    "notify_worker",
    "notify_worker_if_allowed",
    "register",
    "without_notifying",
]
