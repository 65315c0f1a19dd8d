"""Who is in the program."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """Who is in the program."""

    name = "patients"
    default_auto_field = "django.db.models.BigAutoField"
