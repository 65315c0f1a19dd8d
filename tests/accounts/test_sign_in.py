"""Signing in, out, and a new password by a link; none of them tells a stranger whether an account exists."""

import re

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import User
from accounts.roles import PATIENT, ROLES
from accounts.urls import CLOSED
from accounts.views import HOME_OF_ROLE, closed
from tests import factories
from tests.accounts.test_view_roles import EVERY
from tests.factories import PASSWORD
from tests.mailbox import emails
from tests.web.unrendered import unrendered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache")]

NEW_PASSWORD = "another long pass phrase"


@pytest.fixture
def user() -> User:
    return factories.account(PATIENT, name="Ana Mora", password=PASSWORD)


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> HttpResponse:
    response = client.post(reverse("account_login"), {"login": email, "password": password, **more})
    assert isinstance(response, HttpResponse)
    return response


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def text(response: HttpResponse) -> str:
    """What a reader sees, without what differs from one request to the next."""
    own = r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|value="[^"]*@[^"]*"'
    return re.sub(own, "", response.content.decode())


def test_the_front_page_is_open_and_leads_to_sign_in(client: Client) -> None:
    assert reverse("account_login") in client.get("/").content.decode()


def test_with_the_right_password_one_comes_in_however_the_address_is_written(client: Client, user: User) -> None:
    response = sign_in(client, user.email.upper())
    assert response.status_code == 302
    assert response["Location"] == reverse("home")
    assert signed_in(client)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_sent_to_its_own_home_page(client: Client, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def to(name: str) -> HttpResponse:
        asked.append(name)
        return HttpResponse()

    monkeypatch.setattr("accounts.views.redirect", to)
    factories.sign_in(client, factories.account(role))
    client.get("/")
    assert asked == [HOME_OF_ROLE[role]]


def test_after_sign_in_one_comes_where_one_wanted_to_go(client: Client, user: User) -> None:
    wanted = reverse("account_change_password")
    asked = client.get(wanted)
    assert asked["Location"] == f"{reverse('account_login')}?next={wanted}"
    assert sign_in(client, user.email, next=wanted)["Location"] == wanted


def test_sign_in_leads_to_no_other_host(client: Client, user: User) -> None:
    assert sign_in(client, user.email, next="https://elsewhere.example/")["Location"] == reverse("home")


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client, user: User) -> None:
    wrong, unknown = sign_in(client, user.email, "wrong"), sign_in(client, "nobody@example.org", "wrong")
    assert (wrong.status_code, text(wrong)) == (unknown.status_code, text(unknown))
    assert "error-summary" in text(wrong)
    assert not signed_in(client)


def test_what_was_typed_is_not_lost_by_an_error_except_the_password(client: Client) -> None:
    page = sign_in(client, "ana@example.org", "some-wrong-password").content.decode()
    assert 'value="ana@example.org"' in page
    assert "some-wrong-password" not in page


def test_an_error_stands_beside_its_field_and_is_named_in_the_summary(client: Client) -> None:
    page = sign_in(client, "", "").content.decode()
    assert 'href="#id_login"' in page
    assert 'aria-describedby="id_login_error"' in page
    assert 'aria-invalid="true"' in page


def test_browsers_are_told_what_the_fields_are(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "placeholder" not in page


def test_five_wrong_passwords_lock_the_account_for_a_while_and_the_right_one_does_not_help(
    client: Client, user: User
) -> None:
    for _ in range(5):
        sign_in(client, user.email, "wrong")
    assert sign_in(client, user.email).status_code == 200
    assert not signed_in(client)


def test_an_unknown_address_is_locked_just_the_same(client: Client, user: User) -> None:
    answers = []
    for email in (user.email, "nobody@example.org"):
        for _ in range(5):
            sign_in(client, email, "wrong")
        answers.append(text(sign_in(client, email, "wrong")))
    assert answers[0] == answers[1]


def test_right_passwords_are_not_counted(client: Client, user: User) -> None:
    for _ in range(8):
        sign_in(client, user.email)
        client.logout()
    sign_in(client, user.email)
    assert signed_in(client)


def test_a_closed_account_does_not_come_in(client: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    sign_in(client, user.email)
    assert not signed_in(client)


def test_an_account_that_is_closed_while_signed_in_is_out_at_once(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(reverse("account_change_password")).status_code == 302


def test_signing_out_is_a_button_and_not_a_link(client: Client, user: User) -> None:
    factories.sign_in(client, user)
    assert client.get(reverse("account_logout")).status_code == 200
    assert signed_in(client)
    client.post(reverse("account_logout"))
    assert not signed_in(client)


@pytest.mark.parametrize("role", ROLES)
def test_every_home_page_has_the_sign_out_button(client: Client, role: str) -> None:
    factories.sign_in(client, factories.each_role().accounts()[role])
    page = client.get(reverse(HOME_OF_ROLE[role])).content.decode()
    assert re.search(rf'<form method="post" action="{reverse("account_logout")}">.*?<button', page, re.DOTALL)


@pytest.mark.parametrize("route", CLOSED)
@pytest.mark.parametrize("who", ["stranger", "patient"])
def test_what_allauth_offers_beyond_this_is_closed(client: Client, user: User, route: str, who: str) -> None:
    path = "/" + route.replace("<path:key>", "abc")
    if who == "patient":
        factories.sign_in(client, user)
    assert resolve(path).func is closed
    assert client.get(path).status_code == 404
    assert client.post(path, {"email": "x@example.org", "password1": PASSWORD}).status_code == 404
    assert User.objects.count() == 1


def ask_for_link(client: Client, email: str) -> HttpResponse:
    response = client.post(reverse("account_reset_password"), {"email": email}, follow=True)
    assert isinstance(response, HttpResponse)
    return response


def test_asking_for_a_link_gets_the_same_answer_for_every_address(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    known, unknown = ask_for_link(client, user.email), ask_for_link(client, "nobody@example.org")
    assert (known.status_code, text(known)) == (unknown.status_code, text(unknown))
    assert [email.to for email in emails()] == [[user.email], ["nobody@example.org"]]


def test_no_email_says_what_this_is_about(client: Client, user: User, mailoutbox: list[EmailMessage]) -> None:
    ask_for_link(client, user.email)
    ask_for_link(client, "nobody@example.org")
    assert len(emails()) == 2
    for email in emails():
        words = f"{email.subject} {email.body}".lower()
        for word in ("isotretinoin", "rems", "ipledge", "program", "pregnan", "test", "patient", "mora"):
            assert word not in words.replace("testserver", "")


def test_a_new_password_by_the_link(client: Client, user: User, mailoutbox: list[EmailMessage]) -> None:
    ask_for_link(client, user.email)
    (link,) = re.findall(r"http://\S+", str(emails()[0].body))
    page = client.get(link, follow=True)
    done = client.post(page.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert done["Location"] == reverse("account_reset_password_from_key_done")
    assert not signed_in(client)
    sign_in(client, user.email, NEW_PASSWORD)
    assert signed_in(client)
    assert "no longer good" in Client().get(link, follow=True).content.decode()


def test_the_link_leads_to_our_site_whatever_host_was_asked(
    client: Client, user: User, mailoutbox: list[EmailMessage]
) -> None:
    client.post(reverse("account_reset_password"), {"email": user.email}, headers={"Host": "testserver:4444"})
    (link,) = re.findall(r"http\S+", str(emails()[0].body))
    assert link.startswith(f"{settings.SITE_URL}/account/password/reset/key/")


FOR_SCRIPTS: list[dict[str, str]] = [{"X-Requested-With": "XMLHttpRequest"}, {"Accept": "application/json"}]


@pytest.mark.parametrize("headers", FOR_SCRIPTS)
def test_no_page_gives_back_what_was_typed_as_json(client: Client, user: User, headers: dict[str, str]) -> None:
    form = {"login": user.email, "password": "a wrong pass phrase"}
    for path in ("/account/login/", "/account/password/reset/", "/account/password/reset/key/a-b/"):
        answer = client.post(path, form, headers=headers)
        assert "json" not in answer["Content-Type"], path
        assert "wrong pass phrase" not in answer.content.decode(), path
    factories.sign_in(client, user)
    theirs = {place.path() for place in EVERY if place.theirs and place.name != "mfa_login_webauthn"}
    with unrendered():  # the sort of an answer stands in its head
        for path in sorted(theirs):
            assert "json" not in client.get(path, headers=headers).headers.get("Content-Type", ""), path


@pytest.mark.parametrize("headers", FOR_SCRIPTS)
def test_a_browser_still_gets_what_it_asks_a_passkey_for(client: Client, headers: dict[str, str]) -> None:
    assert "request_options" in client.get("/account/2fa/webauthn/login/", headers=headers).json()


@pytest.mark.parametrize("password", ["short", "password1234", "ana mora 123"])
def test_a_weak_password_is_refused_beside_its_field(client: Client, user: User, password: str) -> None:
    factories.sign_in(client, user)
    change = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    answer = client.post(reverse("account_change_password"), change)
    assert answer.status_code == 200
    assert 'href="#id_password1"' in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_changed_password_ends_the_other_sessions(client: Client, user: User, mailoutbox: list[EmailMessage]) -> None:
    elsewhere = Client()
    factories.sign_in(elsewhere, user)
    factories.sign_in(client, user)
    change = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    client.post(reverse("account_change_password"), change)
    assert signed_in(client)
    assert client.get(reverse("account_change_password")).status_code == 200
    assert elsewhere.get(reverse("account_change_password")).status_code == 302
    assert [email.to for email in emails()] == [[user.email]]
