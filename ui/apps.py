"""The shared page parts as a Django app, below every app that has pages."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Owns template tags and no tables."""

    name = "ui"
