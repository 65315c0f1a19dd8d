"""What must be true, and the pages that show it."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """The app of the rules, the actions and the desks."""

    name = "compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks."""
        from compliance import checks  # noqa: F401  registers itself
