"""The style guide shows every component, in the demo alone."""

from pathlib import Path
from typing import Any

import pytest
from django.template.base import Template
from django.template.context import Context
from django.test import Client
from django.urls import reverse
from django.utils.safestring import SafeString

from tests.ui.styleguide import render_page
from web.styleguide.views import PAGES

COMPONENTS = Path(__file__).resolve().parent.parent.parent / "templates/components"

#: Shown to who is signed in alone, and tested there: tests/journeys/test_session_end.py.
ELSEWHERE = {"session_end.html"}


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the templates that are rendered, each part of a page among them."""
    names: set[str] = set()

    def note(template: Template, context: Context) -> SafeString:
        names.add(str(template.name))
        return template.nodelist.render(context)

    monkeypatch.setattr(Template, "_render", note)
    return names


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
