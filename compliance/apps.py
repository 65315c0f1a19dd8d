"""The rules and commands as a Django app."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """The app of the rules, the commands and their tables."""

    name = "compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks."""
        from compliance import checks  # noqa: F401  registers itself
