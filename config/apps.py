"""The project itself as an app, for its commands."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds the commands that concern the whole installation."""

    name = "config"

    def ready(self) -> None:
        """Listen to what concerns security."""
        from config.middleware import security_events  # noqa: F401
