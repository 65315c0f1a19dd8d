"""An authenticator app beside the password, from adding it to removing it."""

import re
import time
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import InvalidToken
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.adapter import SecondFactor
from accounts.models import User
from accounts.roles import PRESCRIBER
from tests import people
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts_of_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def user() -> User:
    return people.account(PRESCRIBER, password=PASSWORD)


def sign_in(client: Client, user: User) -> str:
    return str(client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})["Location"])


def code(secret: str) -> str:
    shown: str = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    return shown


def add_app(client: Client) -> str:
    """Add an app and give its key."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = str(*re.findall(r"<samp>([A-Z2-7]+)</samp>", page))
    assert client.post(reverse("mfa_activate_totp"), {"code": code(secret)}).status_code == 302
    return secret


def test_from_the_first_code_to_the_last(client: Client, user: User) -> None:
    sign_in(client, user)
    secret = add_app(client)
    assert len(re.findall(r"<li>\s*<samp>", client.get(reverse("mfa_view_recovery_codes")).content.decode())) == 10
    client.post(reverse("account_logout"))
    cache.clear()  # a code is good once, and this test is quicker than the app's next one

    assert sign_in(client, user) == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert 'href="#id_code"' in wrong.content.decode()
    assert client.post(reverse("mfa_authenticate"), {"code": code(secret)})["Location"] == reverse("home")

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    client.post(reverse("account_logout"))
    assert sign_in(client, user) == reverse("home")


def test_a_recovery_code_is_good_once(client: Client, user: User) -> None:
    sign_in(client, user)
    add_app(client)
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    recovery = re.findall(r"<li>\s*<samp>(\d+)</samp>", page)[0]
    for expected in (302, 200):
        client.post(reverse("account_logout"))
        sign_in(client, user)
        assert client.post(reverse("mfa_authenticate"), {"code": recovery}).status_code == expected


def test_adding_an_app_asks_for_the_password_once_more(client: Client, user: User) -> None:
    sign_in(client, user)
    response = client.get(reverse("mfa_activate_totp"))
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    page = client.get(response["Location"]).content.decode()
    assert "Is it still you?" in page
    wrong = client.post(response["Location"], {"password": "wrong"})
    assert 'href="#id_password"' in wrong.content.decode()
    right = client.post(response["Location"], {"password": PASSWORD, "next": reverse("mfa_activate_totp")})
    assert right["Location"] == reverse("mfa_activate_totp")


def test_the_secrets_stand_encrypted_in_the_database(client: Client, user: User) -> None:
    sign_in(client, user)
    secret = add_app(client)
    rows = Authenticator.objects.filter(user=user)
    assert {row.type for row in rows} == {"totp", "recovery_codes"}
    assert all(secret not in str(row.data) for row in rows)
    assert SecondFactor().decrypt(rows.get(type="totp").data["secret"]) == secret


def test_secrets_outlive_a_change_of_the_key_while_the_old_one_is_known(settings: LazySettings) -> None:
    hidden = SecondFactor().encrypt("JBSWY3DPEHPK3PXP")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" * 10, [settings.SECRET_KEY]
    assert SecondFactor().decrypt(hidden) == "JBSWY3DPEHPK3PXP"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        SecondFactor().decrypt(hidden)


PAGES = [
    "mfa_index", "mfa_activate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes", "mfa_deactivate_totp",
    "account_change_password", "account_logout",
]  # fmt: skip


@pytest.mark.parametrize("app_added", [False, True])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_ones_account_stands_in_our_frame(client: Client, user: User, name: str, app_added: bool) -> None:
    sign_in(client, user)
    if app_added:
        add_app(client)
    response = client.get(reverse(name))
    if response.status_code == 200:
        page = response.content.decode()
        assert page.count("<h1") == 1
        assert 'id="main"' in page
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", page)
    else:
        assert response.status_code in (302, 404)
        assert (name, app_added) not in {("mfa_index", False), ("mfa_view_recovery_codes", True)}
