"""The app of the messages; it has no tables."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Registers what renders each kind of message."""

    name = "notifications"

    def ready(self) -> None:
        """Register the renderers with the outbox."""
        from notifications import renderers

        renderers.register()
