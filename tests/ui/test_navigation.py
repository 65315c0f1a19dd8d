"""Which way leads where, for whom."""

from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from ui.navigation import ENTRIES, NavigationEntry, links, of

ROLES = {"prescriber", "designee", "patient", "guardian", "pharmacist", "officer"}
PLACES = (NavigationEntry("In", "account_login", "log-in"), NavigationEntry("Out", "account_logout", "log-out"))


def request(path: str, **user: object) -> HttpRequest:
    made = RequestFactory().get(path)
    made.user = SimpleNamespace(**user)  # type: ignore[assignment]
    return made


def test_every_role_has_a_way_around() -> None:
    assert set(ENTRIES) == ROLES


def test_a_stranger_gets_none() -> None:
    assert of(request("/", is_authenticated=False)).links == ()
    assert of(RequestFactory().get("/")).links == ()


def test_a_place_that_does_not_exist_is_left_out() -> None:
    assert [link.label for link in links((*PLACES, NavigationEntry("Nowhere", "no:where", "x")), "/")] == ["In", "Out"]


@pytest.mark.parametrize(
    ("path", "current"),
    [("/account/login/", ["page", ""]), ("/account/login/code/", ["true", ""]), ("/elsewhere/", ["", ""])],
)
def test_where_the_reader_is_is_marked(path: str, current: list[str]) -> None:
    assert [link.current for link in links(PLACES, path)] == current


def test_where_a_designee_acts_is_shown() -> None:
    made = request("/", is_authenticated=True, role="designee")
    made.place_label = "Designee for Dr Osei"  # type: ignore[attr-defined]
    assert of(made).place == "Designee for Dr Osei"
