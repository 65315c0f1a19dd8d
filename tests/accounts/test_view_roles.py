"""Access control of views: every address of the site and its roles. A view without roles is an error."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, PathConverter, SlugConverter, StringConverter, UUIDConverter

from accounts.roles import ROLES, for_roles
from tests import amount, factories
from tests.web.unrendered import unrendered

#: Views of others, which bear no marks of ours. Everybody may see the first, whoever is signed in the second.
THEIR_PUBLIC = frozenset({
    "account_login", "account_logout", "account_inactive",
    "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done",
    "mfa_authenticate", "mfa_login_webauthn",
    # Closed: `accounts.urls` stands before them with a page that is not found.
    "account_signup", "account_email_verification_sent", "account_confirm_email", "account_confirm_login_code",
})  # fmt: skip
THEIR_SIGNED_IN = frozenset({
    "account_reauthenticate", "account_change_password",
    "mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_add_webauthn", "mfa_list_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate_webauthn",
    "usersessions_list",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
    # Closed, as above.
    "account_email", "account_set_password",
})  # fmt: skip
#: For machines; no page, no person.
MACHINES = frozenset({"healthz", "readyz", "live", "ready", "worker", "metrics", "mail_events", "sms_events"})

#: What stands in an address for each kind of parameter: nobody's.
NOBODY = UUID("00000000-0000-4000-8000-000000000000")
EXAMPLES: dict[type, object] = {
    UUIDConverter: NOBODY, StringConverter: "nothing", SlugConverter: "nothing", PathConverter: "nothing",
    IntConverter: 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One address."""

    name: str
    pattern: URLPattern
    namespaces: tuple[str, ...]
    route: str

    @property
    def view(self) -> Callable[..., HttpResponseBase]:
        return self.pattern.callback

    @property
    def theirs(self) -> bool:
        return (self.view.__module__ or "").startswith("allauth.")

    @property
    def is_open(self) -> bool:
        """Whether Django's own middleware lets everybody in."""
        return getattr(self.view, "login_required", True) is False

    def path(self) -> str:
        """An address that names nobody."""
        return "/" + self.route


def places(resolver: Any = None, namespaces: tuple[str, ...] = (), prefix: str = "") -> Iterator[Place]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + _filled(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from places(entry, (*namespaces, entry.namespace) if entry.namespace else namespaces, route)
        else:
            yield Place(entry.name or "", entry, namespaces, route)


def _filled(pattern: Any) -> str:
    route = str(pattern)
    for name, converter in pattern.converters.items():
        value = str(EXAMPLES[type(converter)])
        start = route.index("<")
        end = route.index(">")
        assert name in route[start:end]
        route = route[:start] + value + route[end + 1 :]
    return route


EVERY = list(places())
OURS = [place for place in EVERY if not place.theirs and place.name not in MACHINES]
GUARDED = [place for place in OURS if getattr(place.view, "roles", None)]


def label(place: Place) -> str:
    return "/" + place.route


def test_the_walk_finds_what_is_known_to_be_there() -> None:
    names = {place.name for place in EVERY}
    assert {"home", "account_login", "mfa_index", "live"} <= names
    assert names >= THEIR_PUBLIC | THEIR_SIGNED_IN | MACHINES


def test_it_says_who_may_see_it() -> None:
    unsaid = [label(place) for place in OURS if not hasattr(place.view, "roles")]
    assert unsaid == [], "mark the view: for_roles(…) or public, from accounts.roles"


def test_what_is_public_says_so_and_nothing_else_is_open() -> None:
    public = [label(place) for place in OURS if getattr(place.view, "roles", None) is None]
    assert [label(place) for place in OURS if place.is_open] == public


def test_what_is_not_ours_stands_in_the_table() -> None:
    theirs = [place for place in EVERY if place.theirs]
    assert {place.name for place in theirs} <= THEIR_PUBLIC | THEIR_SIGNED_IN
    assert [label(place) for place in theirs if place.is_open is not (place.name in THEIR_PUBLIC)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_asked_to_sign_in(client: Client, method: str) -> None:
    for place in GUARDED:
        response = getattr(client, method)(place.path())
        assert response.status_code == 302, label(place)
        assert response["Location"].startswith("/account/login/"), label(place)


#: The function that `for_roles` puts around a view.
_GUARD = for_roles(*ROLES)(lambda request: HttpResponse()).__code__


def guards(view: Any) -> Iterator[frozenset[str]]:
    """Whom each guard around a view lets through, from the outermost."""
    while view is not None:
        if getattr(view, "__code__", None) is _GUARD:
            yield inspect.getclosurevars(view).nonlocals["allowed"]
        view = getattr(view, "__wrapped__", None)


def test_a_mark_is_that_of_the_guard_around_the_view() -> None:
    """Whom a page does not name it shuts out, whatever its address: which is then asked by one of them below."""
    unguarded = [label(place) for place in GUARDED if [*guards(place.view)] != [place.view.roles]]  # type: ignore[attr-defined]
    assert unguarded == []


def shut_out(place: Place) -> list[str]:
    """Roles whose pages that one is none of: one of them, by turns; all of them in a run of everything.

    With what is there for others, another of them: `tests/security/test_access_matrix.py`.
    """
    others = [role for role in ROLES if role not in place.view.roles]  # type: ignore[attr-defined]
    return others if amount.EVERYTHING or not others else [others[GUARDED.index(place) % len(others)]]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_no_page_of_another(client: Client, role: str) -> None:
    factories.sign_in(client, factories.each_role().accounts()[role])
    walked = [place for place in GUARDED if role in shut_out(place)]
    assert walked
    for place in walked:
        with unrendered():
            answers = {client.get(place.path()).status_code}
            # By both methods, as whoever has the role: tests/security/test_access_matrix.py.
            if amount.EVERYTHING or answers == {405}:
                answers.add(client.post(place.path()).status_code)
        assert 403 in answers, place.route
        assert answers <= {403, 405}, place.route


def own(place: Place) -> list[str]:
    """Roles whose page it is: one of them, by turns; all of them in a run of everything."""
    roles = [role for role in ROLES if role in place.view.roles]  # type: ignore[attr-defined]
    return roles if amount.EVERYTHING else [roles[GUARDED.index(place) % len(roles)]]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_not_kept_from_its_own_pages(client: Client, role: str) -> None:
    """What is about nobody, or about what has not begun, is not found; but nothing is forbidden, and nothing breaks."""
    factories.sign_in(client, factories.each_role().accounts()[role])
    for place in GUARDED:
        if role in own(place):
            response = client.get(place.path())
            assert response.status_code in (200, 302, 404, 405), place.route
