"""The frame of every page, and the pages for when something goes wrong."""

import functools
import re

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import RequestFactory

from tests.ui.styleguide import render, render_page
from web.styleguide import views
from web.styleguide.examples import Enrol

#: Each page once: to draw one takes a while.
page_of = functools.cache(render_page)
NOT_OFFICIAL = "Clearfill is not the official program."


@pytest.mark.parametrize("name", views.PAGES)
def test_a_page_holds_to_the_strict_policy(name: str) -> None:
    page = page_of(name)
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son[a-z]+=", page)
    assert not re.search(r'(src|href)="(https?:)?//', page)


@pytest.mark.parametrize("name", views.PAGES)
def test_a_page_has_its_landmarks_and_says_what_it_is_not(name: str) -> None:
    page = page_of(name)
    for mark in ('<a class="skip" href="#main">', "<header", "<main", "<footer", 'aria-label="Main"', NOT_OFFICIAL):
        assert mark in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_an_error_stands_in_the_title() -> None:
    assert "Error:" in render("", form=Enrol({}))[:400]
    assert "Error:" not in render("", form=Enrol())[:400]


@pytest.mark.parametrize("name", views.PAGES)
def test_a_page_loads_our_scripts_alone_and_each_where_it_is_used(name: str) -> None:
    loaded = re.findall(r"<script([^>]*)>", page_of(name))
    own = [re.search(r'src="[^"]*/clearfill/(\w+)[^"/]*\.js" defer$', script) for script in loaded]
    used = ["clearfill", *(["passkeys"] if "data-passkey" in page_of(name) else [])]
    assert [each and each[1] for each in own] == used


def test_a_designee_sees_for_whom_they_act() -> None:
    assert re.search("Designee for Dr Amara Osei", page_of("status"))


@pytest.mark.parametrize(("status", "words"), [(503, "No decision. Do not dispense."), (500, "do not dispense")])
def test_a_fault_needs_neither_reader_nor_database(status: int, words: str) -> None:
    page = get_template(f"errors/{status}.html").render({})
    assert words in page
    assert NOT_OFFICIAL in page
    assert "style=" not in page


@pytest.mark.parametrize("status", [403, 404])
def test_a_page_that_is_not_yours_says_so(status: int) -> None:
    assert "<h1>" in get_template(f"{status}.html").render({}, RequestFactory().get("/"))


def test_a_no_shows_every_need_and_when_to_try_again() -> None:
    page = page_of("no")
    assert page.index("Try again from") < page.index("What is missing") < page.index("Only time helps")
    assert "Authorization number" not in page


def test_a_yes_shows_number_and_last_day() -> None:
    assert "7KQ4-2M9X" in page_of("yes")
    assert "Do not dispense after" in page_of("yes")


def test_pages_keep_nothing_in_the_browser_but_cookies() -> None:
    """A reader who signs out leaves nothing behind; nor does one test to the next, in the browser that they share."""
    kept = re.compile(r"localStorage|sessionStorage|indexedDB|serviceWorker|caches\.")
    scripts = list((settings.BASE_DIR / "static").rglob("*.js"))
    assert len(scripts) > 5
    assert [script.name for script in scripts if kept.search(script.read_text())] == []
