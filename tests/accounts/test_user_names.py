"""An account without an e-mail address signs in by a user name, under the same limits and with the same answers."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import DataError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

import outbox
from accounts import user_names
from accounts.failed_attempts import MAX_FAILED_ATTEMPTS
from accounts.models import User
from accounts.passwords import Passphrase
from accounts.roles import PATIENT
from ledger.clock import now
from outbox.models import Message
from tests import factories
from tests.factories import PASSWORD
from tests.security.test_enumeration import seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]


def named(user_name: str = "maple-river-42", **columns: Any) -> User:
    user = User.objects.create_user(user_name=user_name, password=PASSWORD, name="Some One", role=PATIENT)
    if columns:
        User.objects.filter(pk=user.pk).update(**columns)
    return user


def sign_in(login: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/account/login/", {"login": login, "password": password})
    return client


@pytest.mark.parametrize("typed", ["maple-river-42", "Maple-River-42", "  MAPLE-RIVER-42 "])
def test_sign_in_by_user_name_however_it_is_written(typed: str) -> None:
    user = named()
    assert sign_in(typed).session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize("typed", ["maple-river-42@example.org", "maple-river-43", "maple", "", "some one"])
def test_sign_in_by_another_name_opens_nothing(typed: str) -> None:
    named()
    assert "_auth_user_id" not in sign_in(typed).session


def test_address_opens_no_account_as_a_user_name_nor_the_other_way_round() -> None:
    by_address = factories.account(PATIENT, password=PASSWORD)
    named()
    assert sign_in(by_address.email).session["_auth_user_id"] == str(by_address.pk)
    assert "_auth_user_id" not in sign_in(by_address.email.partition("@")[0]).session


BROKEN: dict[str, dict[str, Any]] = {
    "with an @": {"user_name": "maple@river"},
    "in capitals": {"user_name": "Maple-river"},
    "too short": {"user_name": "abc"},
    "too long": {"user_name": "a" * 31},
    "a digit first": {"user_name": "4maple"},
    "a space within": {"user_name": "maple river"},
    "beside an address": {"email": "both@example.org"},
    "a password and nothing to sign in by": {"user_name": ""},
    "somebody else's": {"user_name": "taken-already"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_database_refuses_a_user_name_that_cannot_be(name: str) -> None:
    user = named()
    named("taken-already")
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**BROKEN[name])


def test_two_accounts_never_share_a_user_name_however_it_is_written() -> None:
    named("maple-river-42")
    with pytest.raises(IntegrityError), transaction.atomic():
        named("MAPLE-river-42")


def test_suggested_user_names_are_valid_and_differ() -> None:
    suggested = {user_names.suggest() for _ in range(50)}
    assert all(user_names.is_valid(name) for name in suggested)
    assert len(suggested) > 40


def test_sign_in_with_a_wrong_password_answers_alike_whosever_the_name_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the work done meanwhile: a known name, a closed account's, and nobody's."""
    named("known-name")
    named("closed-name", is_active=False)
    factories.account(PATIENT, password=PASSWORD)
    logins = ("known-name", "closed-name", "nobodys-name", "nobody@example.org")

    def answer(login: str) -> Any:
        return seen(monkeypatch, lambda client: client.post("/account/login/", {"login": login, "password": "wrong"}))

    answer("first-one")
    answers = [answer(login) for login in logins]
    typed = re.compile(r' value="[^"]*"| (?=autocomplete)')
    assert len({(one.status, "".join(typed.sub("", one.words).split())) for one in answers}) == 1
    assert len({(one.hashed, one.queries) for one in answers[:3]}) == 1
    assert answers[0].hashed == 1


def test_wrong_passwords_in_a_row_lock_an_account_with_a_user_name() -> None:
    user = named(failed_attempts=MAX_FAILED_ATTEMPTS - 1)
    sign_in("maple-river-42", "wrong")
    cache.clear()
    user.refresh_from_db()
    assert user.failed_attempts == MAX_FAILED_ATTEMPTS
    assert "_auth_user_id" not in sign_in("maple-river-42").session


def test_sixth_wrong_password_is_not_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    named()
    for _ in range(5):
        sign_in("maple-river-42", "wrong")
    assert "_auth_user_id" not in sign_in("Maple-River-42").session


def test_password_is_not_made_of_the_user_name() -> None:
    user = User(name="Some One", user_name="thimble-walnut-42")
    with pytest.raises(ValidationError, match="user name"):
        Passphrase(15).validate("a walnut of my own garden", user)


def test_pages_say_by_what_the_reader_signs_in() -> None:
    user = named()
    client = factories.as_(user)
    assert "maple-river-42" in client.get(reverse("mfa_index")).content.decode()


def test_reader_is_asked_once_more_by_password_alone() -> None:
    client = sign_in("maple-river-42") if named() else Client()
    page = client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert page.status_code == 302
    assert client.post("/account/reauthenticate/", {"password": "wrong"}).status_code == 200


def test_lockout_tells_nobody_by_mail_who_has_no_address(mailoutbox: list[EmailMessage]) -> None:
    named(failed_attempts=MAX_FAILED_ATTEMPTS - 1)
    sign_in("maple-river-42", "wrong")
    assert Message.objects.filter(kind="password-closed").count() == 1
    outbox.deliver(at=now())
    assert mailoutbox == []
    assert not Message.objects.filter(delivered_at=None, dropped_at=None).exists(), "it does not wait for ever"


def test_page_for_a_new_password_says_what_to_do_without_an_address() -> None:
    assert "You sign in by a user name, without an e-mail address?" in Client().get(
        "/account/password/reset/"
    ).content.decode().replace("\n", " ")
