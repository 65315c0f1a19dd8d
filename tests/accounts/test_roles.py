"""Access control of views: the roles that a view is marked with, and what the marks do."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.views.generic import View

from accounts.models import User
from accounts.roles import NAMES, OFFICER, PATIENT, PRESCRIBER, ROLES, ForRoles, for_roles, public
from accounts.views import HOME_OF_ROLE


@for_roles(PRESCRIBER, OFFICER)
def page(request: HttpRequest) -> HttpResponse:
    """A page."""
    return HttpResponse("seen")


class Page(ForRoles, View):
    """The same page as a class."""

    allowed = (PRESCRIBER, OFFICER)

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("seen")


def ask(view: Any, role: str | None) -> HttpResponse:
    request = RequestFactory().get("/")
    request.user = User(opened_as=role) if role else AnonymousUser()
    response = view(request)
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize("view", [page, Page.as_view()], ids=["function", "class"])
@pytest.mark.parametrize("role", [*ROLES, None])
def test_a_page_is_seen_by_its_roles_and_by_nobody_else(view: Any, role: str | None) -> None:
    assert view.roles == {PRESCRIBER, OFFICER}
    if role in (PRESCRIBER, OFFICER):
        assert ask(view, role).content == b"seen"
    else:
        with pytest.raises(PermissionDenied):
            ask(view, role)


def test_a_guarded_view_keeps_its_name_and_still_asks_for_sign_in() -> None:
    assert page.__name__ == "page"
    assert getattr(page, "login_required", True)


def test_a_public_view_says_so_and_asks_for_no_sign_in() -> None:
    @public
    def front(request: HttpRequest) -> HttpResponse:
        return HttpResponse("seen")

    assert front.roles is None  # type: ignore[attr-defined]
    assert front.login_required is False  # type: ignore[attr-defined]


@pytest.mark.parametrize("roles", [(), ("admin",), (PATIENT, "admin")])
def test_a_page_for_nobody_or_for_a_role_that_there_is_not_is_an_error_at_once(roles: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="not roles"):
        for_roles(*roles)


def test_a_class_that_forgot_to_say_is_an_error_at_once() -> None:
    class Forgot(ForRoles, View):
        pass

    with pytest.raises(ValueError, match="not roles"):
        Forgot.as_view()


def test_every_role_has_a_name_and_a_home_page() -> None:
    assert set(NAMES) == set(HOME_OF_ROLE) == set(ROLES)
