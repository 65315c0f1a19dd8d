"""Renders the style guide without a server."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory, override_settings

from web.styleguide.examples import context
from web.styleguide.views import page


def _request() -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return request


def render_page(name: str) -> str:
    """That page, as the demo shows it."""
    with override_settings(DEMO=True):
        return page(_request(), name).content.decode()


def render(body: str, **more: Any) -> str:
    """A whole page with that body, and the style guide's examples by their names."""
    source = '{% extends "base.html" %}{% block title %}Part{% endblock %}{% block content %}' + body + "{% endblock %}"
    return str(engines["django"].from_string(source).render({**context(), **more}, _request()))
