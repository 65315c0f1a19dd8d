"""MFA: an authenticator app beside the password, from adding it to removing it."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cryptography.fernet import InvalidToken
from django.conf import LazySettings, settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.adapter import SecondFactor
from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from devtools.demo.codes import code_for
from devtools.demo.second_factors import activate_app, activate_recovery_codes
from tests import factories
from tests.accounts.passkey import Passkey
from tests.factories import PASSWORD
from tests.mailbox import emails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache")]


@pytest.fixture
def user() -> User:
    return factories.account(PRESCRIBER, password=PASSWORD)


def sign_in(client: Client, user: User) -> str:
    return str(client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})["Location"])


def add_app(client: Client) -> str:
    """Add an app and give its key."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = str(*re.findall(r"<samp>([A-Z2-7]+)</samp>", page))
    assert client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)}).status_code == 302
    return secret


@pytest.mark.parametrize("role", [PRESCRIBER, PATIENT])
def test_from_the_first_code_to_the_last(client: Client, role: str) -> None:
    user = factories.account(role, password=PASSWORD)
    sign_in(client, user)
    secret = add_app(client)
    assert len(re.findall(r"<li>\s*<samp>", client.get(reverse("mfa_view_recovery_codes")).content.decode())) == 10
    client.post(reverse("account_logout"))
    # A code is good once: the next one is taken, which a fast clock may show already.
    following = code_for(secret, time.time() + 30)

    assert sign_in(client, user) == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert 'href="#id_code"' in wrong.content.decode()
    assert client.post(reverse("mfa_authenticate"), {"code": following})["Location"] == reverse("home")

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    client.post(reverse("account_logout"))
    # Whoever sees patients keeps the last one; who sees one's own file alone may do without.
    assert sign_in(client, user) == reverse("mfa_authenticate" if role == PRESCRIBER else "home")
    assert Authenticator.objects.filter(user=user).exists() is (role == PRESCRIBER)


#: What somebody has, what goes, and whether it may.
GOING: dict[str, tuple[str, tuple[str, ...], str, bool]] = {
    "staff, the app, and nothing else": (PRESCRIBER, ("totp", "recovery_codes"), "totp", False),
    "staff, the app, with a passkey": (PRESCRIBER, ("totp", "webauthn"), "totp", True),
    "staff, a passkey, with the app": (PHARMACIST, ("webauthn", "totp"), "webauthn", True),
    "staff, a passkey of two": (OFFICER, ("webauthn", "webauthn"), "webauthn", True),
    "staff, the only passkey": (DESIGNEE, ("webauthn", "recovery_codes"), "webauthn", False),
    "a patient, the app": (PATIENT, ("totp",), "totp", True),
    "a guardian, the passkey": (GUARDIAN, ("webauthn",), "webauthn", True),
}


@pytest.mark.parametrize("name", GOING)
def test_staff_keep_a_factor_to_live_on(client: Client, name: str) -> None:
    role, kinds, goes, may = GOING[name]
    user = factories.account(role, password=PASSWORD)
    rows = [Authenticator.objects.create(user=user, type=kind, data={"name": "Mine"}) for kind in kinds]
    factories.sign_in(client, user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    going = next(row for row in rows if row.type == goes)
    path = reverse("mfa_deactivate_totp") if goes == "totp" else reverse("mfa_remove_webauthn", args=[going.pk])
    page = client.get(path, follow=True).content.decode()
    assert ("Add another first." in page) is not may
    assert ('class="btn btn-danger"' in page) is may  # the button that removes it
    client.post(path)
    assert Authenticator.objects.filter(pk=going.pk).exists() is not may


def test_of_two_that_go_at_once_one_stays(client: Client, user: User) -> None:
    """Both are asked for with the same session; the second waits for the first, and then sees what is left."""
    factories.sign_in(client, user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    rows = [Authenticator.objects.create(user=user, type="webauthn", data={"name": name}) for name in ("a", "b")]
    with CaptureQueriesContext(connection) as queries:
        client.post(reverse("mfa_remove_webauthn", args=[rows[0].pk]))
    locked = next(place for place, row in enumerate(queries) if "FOR UPDATE" in row["sql"])
    looked = next(place for place, row in enumerate(queries) if 'FROM "mfa_authenticator"' in row["sql"])
    assert locked < looked
    client.post(reverse("mfa_remove_webauthn", args=[rows[1].pk]))
    assert Authenticator.objects.filter(user=user).count() == 1


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


@pytest.mark.parametrize("kind", ["an app's code", "a recovery code"])
def test_wrong_codes_delay_the_account(client: Client, user: User, kind: str) -> None:
    activate_app(user, "JBSWY3DPEHPK3PXP")
    spare = activate_recovery_codes(user)[0]
    sign_in(client, user)
    for place in range(5):
        wrong = f"{place:06}" if kind == "an app's code" else f"{place:08}"
        assert client.post(reverse("mfa_authenticate"), {"code": wrong}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": spare}).status_code == 200
    assert "_auth_user_id" not in client.session
    cache.clear()  # as after five minutes
    assert client.post(reverse("mfa_authenticate"), {"code": spare}).status_code == 302


BEHIND = [
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes",
    "mfa_view_recovery_codes", "mfa_download_recovery_codes",
]  # fmt: skip


@pytest.mark.parametrize("name", BEHIND)
def test_whatever_is_about_factors_asks_who_one_is(client: Client, user: User, name: str) -> None:
    activate_app(user, "JBSWY3DPEHPK3PXP")
    activate_recovery_codes(user)
    factories.sign_in(client, user)
    if name == "mfa_activate_totp":
        Authenticator.objects.filter(type="totp").delete()
    before = list(Authenticator.objects.values())
    answers = [client.get(reverse(name)), client.post(reverse(name), {"name": "x", "code": "1", "credential": "{}"})]
    for answer in (answer for answer in answers if answer.status_code != 405):
        assert answer.status_code == 302
        assert answer["Location"].startswith((reverse("account_reauthenticate"), reverse("mfa_reauthenticate")))
    assert list(Authenticator.objects.values()) == before


def test_asked_again_one_goes_on_in_a_new_session(client: Client, user: User) -> None:
    sign_in(client, user)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post(reverse("account_reauthenticate"), {"password": "wrong"})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value == before
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert after != before
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    assert [session.session_key for session in UserSession.objects.filter(user=user)] == [after]
    client.cookies[settings.SESSION_COOKIE_NAME] = before
    assert client.get(reverse("signed_in")).status_code == 302


def test_a_passkey_is_added_only_by_answering_with_it(client: Client, user: User) -> None:
    sign_in(client, user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200
    # What another challenge was answered with is no answer to this one.
    other = json.dumps(Passkey("testserver").registration()["credential"])
    for credential in ("", "{}", other):
        form = {"name": "Mine", "passwordless": "on", "credential": credential}
        assert client.post(reverse("mfa_add_webauthn"), form).status_code == 200
    assert not Authenticator.objects.exists()


def test_its_owner_is_told_when_a_factor_goes(client: Client, mailoutbox: list[EmailMessage]) -> None:
    user = factories.account(PATIENT, password=PASSWORD)
    sign_in(client, user)
    add_app(client)
    assert [email.to for email in emails()] == [[user.email]]
    client.post(reverse("mfa_deactivate_totp"))
    assert [email.to for email in emails()] == [[user.email]] * 2


def test_a_new_password_goes_not_past_the_second_factor(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    activate_app(user, "JBSWY3DPEHPK3PXP")
    client.post(reverse("account_reset_password"), {"email": user.email})
    (link,) = re.findall(r"http://\S+", str(emails()[0].body))
    page = client.get(link, follow=True)
    chosen = {"password1": "another long pass phrase", "password2": "another long pass phrase"}
    client.post(page.redirect_chain[-1][0], chosen)
    assert "_auth_user_id" not in client.session
    answer = client.post(reverse("account_login"), {"login": user.email, "password": "another long pass phrase"})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


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


def test_written_anew_they_need_the_old_key_no_more(client: Client, user: User, settings: LazySettings) -> None:
    sign_in(client, user)
    secret = add_app(client)
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().generate_codes()
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-" * 10
    with pytest.raises(CommandError, match="2 cannot be read"):
        call_command("rewrite_second_factors")
    settings.SECRET_KEY_FALLBACKS = [old]
    call_command("rewrite_second_factors")
    settings.SECRET_KEY_FALLBACKS = []
    row = Authenticator.objects.get(user=user, type="totp")
    assert SecondFactor().decrypt(row.data["secret"]) == secret
    assert Authenticator.objects.get(user=user, type="recovery_codes").wrap().generate_codes() == codes


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
