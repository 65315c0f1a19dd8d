"""Which way leads where, for whom."""

from types import SimpleNamespace

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from ui.navigation import ENTRIES, Navigation, NavigationEntry, links, of

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


SEVERAL = (NavigationEntry("Out", "account_logout", "log-out"), NavigationEntry("Both", "", "users-round", PLACES))


def test_several_places_in_one_open_the_first_and_are_shown_while_the_reader_is_at_one_of_them() -> None:
    out, both = links(SEVERAL[:1], "/account/login/")[0], links(SEVERAL, "/account/login/")[1]
    assert not out.current
    assert (both.label, both.url, both.current) == ("Both", "/account/login/", "true")
    assert [(link.label, link.current) for link in both.inside] == [("In", "page"), ("Out", "")]
    assert Navigation((out, both)).inside == both
    assert Navigation(links(SEVERAL, "/elsewhere/")).inside is None


def test_several_places_none_of_which_exists_are_left_out() -> None:
    nowhere = NavigationEntry("Several", "", "x", (NavigationEntry("Nowhere", "no:where", "x"),))
    assert links((nowhere,), "/") == ()


def test_icons_and_addresses_of_places_inside_others_are_of_the_table() -> None:
    for entries in ENTRIES.values():
        every = [one for entry in entries for one in (entry.inside or (entry,))]
        assert all(one.name and not one.inside for one in every)
        assert len({one.name for one in every}) == len(every)
