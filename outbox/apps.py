"""The outbox: messages enqueued and delivered."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """The outbox: messages enqueued and delivered."""

    name = "outbox"
    default_auto_field = "django.db.models.BigAutoField"
