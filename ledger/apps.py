"""The record log as an app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The record log as an app."""

    name = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
