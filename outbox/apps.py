"""Messages laid down and delivered."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Messages laid down and delivered."""

    name = "outbox"
    default_auto_field = "django.db.models.BigAutoField"
