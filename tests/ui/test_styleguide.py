"""The style guide shows every component, in the demo alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.signals import template_rendered
from django.urls import reverse

from tests.ui.styleguide import render_page
from web.styleguide.views import PAGES

COMPONENTS = Path(__file__).resolve().parent.parent.parent / "templates/components"

#: Shown to who is signed in alone, and tested there: tests/journeys/test_session_end.py.
ELSEWHERE = {"session_end.html"}


@pytest.fixture
def rendered() -> Iterator[set[str]]:
    """The names of the templates that are rendered."""
    names: set[str] = set()

    def note(sender: object, template: object, **kwargs: object) -> None:
        names.add(str(getattr(template, "name", "")))

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def test_every_component_is_shown(rendered: set[str]) -> None:
    for name in PAGES:
        render_page(name)
    shown = {name.removeprefix("components/") for name in rendered if name.startswith("components/")}
    assert {path.name for path in COMPONENTS.iterdir()} - shown == ELSEWHERE


@pytest.mark.django_db
def test_style_guide_is_there_in_the_demo_alone(client: Client, settings: Any) -> None:
    path = reverse("styleguide:page", kwargs={"name": "status"})
    assert client.get(path).status_code == 404
    settings.DEMO = True
    assert client.get(path).status_code == 200
    assert client.get(reverse("styleguide:page", kwargs={"name": "nothing"})).status_code == 404
