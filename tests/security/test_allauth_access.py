"""allauth's addresses, walked as ours are: by nobody, by who is signed in, by who was just asked who that is.

Two of them name a passkey by its number: another's is not found.
"""

from collections.abc import Callable
from contextlib import nullcontext
from http.cookies import SimpleCookie
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from devtools.demo.second_factors import activate_app, activate_recovery_codes
from tests import amount
from tests.accounts.passkey import Passkey
from tests.accounts.test_view_roles import EVERY
from tests.factories import PASSWORD, as_
from tests.web.unrendered import unrendered

from .addresses import Answer
from .fixtures import SiteFixture
from .walking import WAYS, ask

pytestmark = pytest.mark.usefixtures("no_time_passes")

#: The answers to GET, and to a POST with nothing in it.
PAGE: Answer = (200, 405)
FORM: Answer = (200, 200)
PRESS: Answer = (200, 302)
AWAY: Answer = (302, 302)
GONE: Answer = (404, 404)
#: To who is not signed in, to who is, and to who was just asked. Its owner has a passkey, an app and recovery codes.
ADDRESSES: dict[str, tuple[Answer, Answer, Answer]] = {
    "account_login": (FORM, AWAY, AWAY),
    "account_logout": (AWAY, PRESS, PRESS),
    "account_inactive": (PAGE, PAGE, PAGE),
    "account_reset_password": (FORM, FORM, FORM),
    "account_reset_password_done": (PAGE, PAGE, PAGE),
    # A link that is none: the page says so.
    "account_reset_password_from_key": (FORM, FORM, FORM),
    "account_reset_password_from_key_done": (PAGE, PAGE, PAGE),
    "account_reauthenticate": (AWAY, FORM, FORM),
    "account_change_password": (AWAY, FORM, FORM),
    "mfa_authenticate": (AWAY, AWAY, AWAY),
    "mfa_login_webauthn": (AWAY, AWAY, AWAY),
    "mfa_index": (AWAY, PAGE, PAGE),
    "mfa_reauthenticate": (AWAY, FORM, FORM),
    "mfa_reauthenticate_webauthn": (AWAY, PRESS, PRESS),
    "mfa_activate_totp": (AWAY, AWAY, AWAY),
    "mfa_deactivate_totp": (AWAY, AWAY, PRESS),
    "mfa_view_recovery_codes": (AWAY, (302, 405), PAGE),
    "mfa_download_recovery_codes": (AWAY, AWAY, PAGE),
    "mfa_generate_recovery_codes": (AWAY, AWAY, PRESS),
    "mfa_list_webauthn": (AWAY, PAGE, PAGE),
    "mfa_add_webauthn": (AWAY, AWAY, FORM),
    "mfa_edit_webauthn": (AWAY, AWAY, FORM),
    "mfa_remove_webauthn": (AWAY, AWAY, PRESS),
    "usersessions_list": (AWAY, PRESS, PRESS),
    **dict.fromkeys(
        ("account_signup", "account_email", "account_email_verification_sent", "account_confirm_email",
         "account_set_password", "account_confirm_login_code"), (GONE, GONE, GONE)),
}  # fmt: skip


def test_every_address_of_theirs_stands_in_the_table() -> None:
    assert {place.name for place in EVERY if place.theirs} == set(ADDRESSES)


def equipped(user: User) -> Authenticator:
    """The passkey of somebody who has a password, an app and recovery codes as well."""
    user.set_password(PASSWORD)
    user.save()
    activate_app(user, "JBSWY3DPEHPK3PXP")
    activate_recovery_codes(user)
    found: Authenticator = Authenticator.objects.create(
        user=user, type=Authenticator.Type.WEBAUTHN, data=Passkey("testserver").registration()
    )
    return found


def asked(user: User) -> Client:
    """Signed in, and asked just now."""
    client = as_(user)
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    return client


READERS: dict[str, Callable[[User], Client]] = {
    "nobody": lambda user: as_(None), "signed in": as_, "just asked": asked,
}  # fmt: skip


@pytest.mark.parametrize("place", range(3), ids=READERS)
def test_what_each_reader_gets(site: SiteFixture, place: int) -> None:
    key = equipped(site.readers["patient"]).pk
    named: dict[str, dict[str, Any]] = {
        "account_reset_password_from_key": {"uidb36": "a", "key": "b"}, "account_confirm_email": {"key": "a"},
        "mfa_edit_webauthn": {"pk": key}, "mfa_remove_webauthn": {"pk": key},
    }  # fmt: skip
    client, wrong = list(READERS.values())[place](site.readers["patient"]), []
    # What is looked at for the first time is noted as used.
    client.get(reverse("mfa_view_recovery_codes"))
    cookies = client.cookies.output(header="", sep=";")
    for turn, (name, answers) in enumerate(ADDRESSES.items()):
        cache.clear()
        client.cookies = SimpleCookie(cookies)
        # Whether there are such methods at all one of the three asks, by turns.
        beside = WAYS if amount.EVERYTHING or turn % 3 == place else WAYS[2:]
        # Nobody's pages `test_access_matrix.py` reads; most others begin with who was asked.
        with nullcontext() if amount.EVERYTHING or place == 2 else unrendered():
            wrong += list(ask(client, reverse(name, kwargs=named.get(name)), answers[place], ways=beside))
    assert not wrong


@pytest.mark.parametrize("name", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_a_passkey_of_anothers_is_not_found(site: SiteFixture, name: str) -> None:
    own, other = equipped(site.readers["patient"]), equipped(site.readers["prescriber"])
    app = Authenticator.objects.get(user=own.user, type=Authenticator.Type.TOTP)
    client, before = asked(own.user), list(Authenticator.objects.order_by("pk").values())
    for number in (other.pk, app.pk, 10**9):
        path = reverse(name, kwargs={"pk": number})
        assert client.get(path).status_code == 404
        assert client.post(path, {"name": "Mine"}).status_code == 404
    assert list(Authenticator.objects.order_by("pk").values()) == before
    assert client.post(reverse(name, kwargs={"pk": own.pk}), {"name": "Mine"}).status_code == 302
