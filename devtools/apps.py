"""The app of what developers run; it has no tables."""

from django.apps import AppConfig


class DevtoolsConfig(AppConfig):
    """Holds the commands `replay` and `seed_demo`."""

    name = "devtools"
