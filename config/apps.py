"""The project itself as an app, for its commands; and which static files `collectstatic` gathers."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class ConfigConfig(AppConfig):
    """Holds the commands that concern the whole installation."""

    name = "config"

    def ready(self) -> None:
        """Listen to what concerns security."""
        from config.middleware import security_events  # noqa: F401


class StaticFiles(StaticFilesConfig):
    """Django's, without the editions of Bootstrap that no page asks for: they are most of what would be compressed."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "bootstrap-*", "bootstrap.css*", "bootstrap.rtl*"]
