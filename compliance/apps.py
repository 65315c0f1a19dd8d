"""What must be true, and the pages that show it."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """The app of the rules, the actions and the desks."""

    name = "compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make known who writes each kind of message."""
        from compliance import checks  # noqa: F401  registers itself
        from compliance.notices import writers

        writers.register()
